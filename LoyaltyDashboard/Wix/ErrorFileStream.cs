namespace LoyaltyDashboard.Wix;

/// <summary>The body of an error file as it comes, read forward and asynchronously only, that breaks off with <see cref="ErrorFileException"/> at the limit of size or time.</summary>
/// <param name="body">What comes.</param>
/// <param name="mostBytes">The limit of size.</param>
/// <param name="whole">Cancelled at the limit of time.</param>
/// <param name="owned">What to dispose with it.</param>
internal sealed class ErrorFileStream(Stream body, long mostBytes, CancellationTokenSource whole, IReadOnlyList<IDisposable> owned) : Stream
{
    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    /// <summary>The limit of time was reached.</summary>
    public static ErrorFileException TooSlow() => new(ErrorFileFault.TooSlow, "The error file took too long to come. Try again in a while.");

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var any = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, whole.Token);
        try
        {
            var read = await body.ReadAsync(buffer, any.Token);
            _read += read;
            return _read <= mostBytes ? read : throw ErrorFileLink.TooLarge(mostBytes);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TooSlow();
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or InvalidDataException or (InvalidOperationException and not ObjectDisposedException))
        {
            // Brotli's reader calls what it cannot unpack an invalid operation.
            throw new ErrorFileException(ErrorFileFault.Unreachable, "The error file broke off in the middle. Try again.");
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read it asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
            foreach (var item in owned)
            {
                item.Dispose();
            }

            whole.Dispose();
        }

        base.Dispose(disposing);
    }
}
