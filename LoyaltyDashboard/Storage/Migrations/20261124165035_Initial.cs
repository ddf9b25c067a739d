using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace LoyaltyDashboard.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "delivery_bodies",
                columns: table => new
                {
                    RowId = table.Column<long>(type: "INTEGER", nullable: false),
                    Body = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_delivery_bodies", x => x.RowId);
                });

            migrationBuilder.CreateTable(
                name: "observations",
                columns: table => new
                {
                    RowId = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    ImportRowId = table.Column<long>(type: "INTEGER", nullable: false),
                    Source = table.Column<int>(type: "INTEGER", nullable: false),
                    Revision = table.Column<string>(type: "TEXT", nullable: true),
                    EntityEventSequence = table.Column<string>(type: "TEXT", nullable: true),
                    Status = table.Column<string>(type: "TEXT", nullable: true),
                    Updated = table.Column<long>(type: "INTEGER", nullable: true),
                    ObservedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    EntityHash = table.Column<byte[]>(type: "BLOB", nullable: false),
                    ParsedRowCount = table.Column<long>(type: "INTEGER", nullable: true),
                    SuccessCount = table.Column<long>(type: "INTEGER", nullable: true),
                    FailureCount = table.Column<long>(type: "INTEGER", nullable: true),
                    DeliveryRowId = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_observations", x => x.RowId);
                });

            migrationBuilder.CreateTable(
                name: "sites",
                columns: table => new
                {
                    RowId = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    InstanceId = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Name = table.Column<string>(type: "TEXT", nullable: true),
                    FoldedName = table.Column<string>(type: "TEXT", nullable: true),
                    Url = table.Column<string>(type: "TEXT", nullable: true),
                    FirstSeen = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_sites", x => x.RowId);
                });

            migrationBuilder.CreateTable(
                name: "imports",
                columns: table => new
                {
                    RowId = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    SiteRowId = table.Column<long>(type: "INTEGER", nullable: true),
                    Status = table.Column<int>(type: "INTEGER", nullable: false),
                    StatusWord = table.Column<string>(type: "TEXT", nullable: true),
                    Revision = table.Column<string>(type: "TEXT", nullable: true),
                    Created = table.Column<long>(type: "INTEGER", nullable: true),
                    Updated = table.Column<long>(type: "INTEGER", nullable: true),
                    Arrived = table.Column<long>(type: "INTEGER", nullable: false),
                    LastSeen = table.Column<long>(type: "INTEGER", nullable: false),
                    FileName = table.Column<string>(type: "TEXT", nullable: true),
                    FileSize = table.Column<long>(type: "INTEGER", nullable: true),
                    EmailColumn = table.Column<string>(type: "TEXT", nullable: true),
                    PointsColumn = table.Column<string>(type: "TEXT", nullable: true),
                    ParsedRowCount = table.Column<long>(type: "INTEGER", nullable: true),
                    ParseErrorReason = table.Column<string>(type: "TEXT", nullable: true),
                    SuccessCount = table.Column<long>(type: "INTEGER", nullable: true),
                    FailureCount = table.Column<long>(type: "INTEGER", nullable: true),
                    ErrorFileExists = table.Column<bool>(type: "INTEGER", nullable: true),
                    Verdict = table.Column<int>(type: "INTEGER", nullable: false),
                    FirstFinding = table.Column<string>(type: "TEXT", nullable: true),
                    IsTestEvent = table.Column<bool>(type: "INTEGER", nullable: false),
                    EntityEventSequence = table.Column<string>(type: "TEXT", nullable: true),
                    Source = table.Column<int>(type: "INTEGER", nullable: false),
                    EntityHash = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_imports", x => x.RowId);
                    table.ForeignKey(
                        name: "FK_imports_sites_SiteRowId",
                        column: x => x.SiteRowId,
                        principalTable: "sites",
                        principalColumn: "RowId");
                });

            migrationBuilder.CreateTable(
                name: "deliveries",
                columns: table => new
                {
                    RowId = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Door = table.Column<int>(type: "INTEGER", nullable: false),
                    ReceivedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    Outcome = table.Column<int>(type: "INTEGER", nullable: false),
                    Cause = table.Column<string>(type: "TEXT", nullable: true),
                    AnswerStatus = table.Column<int>(type: "INTEGER", nullable: false),
                    AnswerMicroseconds = table.Column<long>(type: "INTEGER", nullable: true),
                    BodyBytes = table.Column<long>(type: "INTEGER", nullable: false),
                    EventId = table.Column<string>(type: "TEXT", nullable: true),
                    EventType = table.Column<string>(type: "TEXT", nullable: true),
                    InstanceId = table.Column<string>(type: "TEXT", nullable: true),
                    DedupeKey = table.Column<byte[]>(type: "BLOB", nullable: true),
                    ContentHash = table.Column<byte[]>(type: "BLOB", nullable: true),
                    ContentDiffers = table.Column<bool>(type: "INTEGER", nullable: false),
                    DuplicateOfRowId = table.Column<long>(type: "INTEGER", nullable: true),
                    ImportRowId = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_deliveries", x => x.RowId);
                    table.ForeignKey(
                        name: "FK_deliveries_imports_ImportRowId",
                        column: x => x.ImportRowId,
                        principalTable: "imports",
                        principalColumn: "RowId");
                });

            migrationBuilder.CreateTable(
                name: "import_documents",
                columns: table => new
                {
                    RowId = table.Column<long>(type: "INTEGER", nullable: false),
                    Json = table.Column<byte[]>(type: "BLOB", nullable: false),
                    UnreadableFields = table.Column<string>(type: "TEXT", nullable: true),
                    EventJson = table.Column<byte[]>(type: "BLOB", nullable: true),
                    EventDeliveryRowId = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_import_documents", x => x.RowId);
                    table.ForeignKey(
                        name: "FK_import_documents_imports_RowId",
                        column: x => x.RowId,
                        principalTable: "imports",
                        principalColumn: "RowId",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "import_texts",
                columns: table => new
                {
                    RowId = table.Column<long>(type: "INTEGER", nullable: false),
                    Folded = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_import_texts", x => x.RowId);
                    table.ForeignKey(
                        name: "FK_import_texts_imports_RowId",
                        column: x => x.RowId,
                        principalTable: "imports",
                        principalColumn: "RowId",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_deliveries_DedupeKey",
                table: "deliveries",
                column: "DedupeKey",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_deliveries_ImportRowId",
                table: "deliveries",
                column: "ImportRowId");

            migrationBuilder.CreateIndex(
                name: "IX_deliveries_Outcome_RowId",
                table: "deliveries",
                columns: new[] { "Outcome", "RowId" });

            migrationBuilder.CreateIndex(
                name: "IX_imports_Arrived_RowId",
                table: "imports",
                columns: new[] { "Arrived", "RowId" });

            migrationBuilder.CreateIndex(
                name: "IX_imports_Created",
                table: "imports",
                column: "Created");

            migrationBuilder.CreateIndex(
                name: "IX_imports_Id",
                table: "imports",
                column: "Id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_imports_SiteRowId_Arrived",
                table: "imports",
                columns: new[] { "SiteRowId", "Arrived" });

            migrationBuilder.CreateIndex(
                name: "IX_imports_Status_Arrived",
                table: "imports",
                columns: new[] { "Status", "Arrived" });

            migrationBuilder.CreateIndex(
                name: "IX_imports_Updated",
                table: "imports",
                column: "Updated");

            migrationBuilder.CreateIndex(
                name: "IX_observations_ImportRowId",
                table: "observations",
                column: "ImportRowId");

            migrationBuilder.CreateIndex(
                name: "IX_sites_InstanceId",
                table: "sites",
                column: "InstanceId",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "deliveries");

            migrationBuilder.DropTable(
                name: "delivery_bodies");

            migrationBuilder.DropTable(
                name: "import_documents");

            migrationBuilder.DropTable(
                name: "import_texts");

            migrationBuilder.DropTable(
                name: "observations");

            migrationBuilder.DropTable(
                name: "imports");

            migrationBuilder.DropTable(
                name: "sites");
        }
    }
}
