using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace LoyaltyDashboard.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Settling : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_imports_FailureCount_Arrived",
                table: "imports");

            migrationBuilder.DropIndex(
                name: "IX_imports_FileName_Arrived",
                table: "imports");

            migrationBuilder.DropIndex(
                name: "IX_imports_FileSize_Arrived",
                table: "imports");

            migrationBuilder.DropIndex(
                name: "IX_imports_ParsedRowCount_Arrived",
                table: "imports");

            migrationBuilder.DropIndex(
                name: "IX_imports_SuccessCount_Arrived",
                table: "imports");

            migrationBuilder.AddColumn<bool>(
                name: "Settled",
                table: "imports",
                type: "INTEGER",
                nullable: true,
                defaultValue: true);

            migrationBuilder.CreateTable(
                name: "list_state",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false),
                    SettledTo = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_list_state", x => x.Id);
                    table.CheckConstraint("CK_list_state_Id", "Id = 1");
                });

            // The indexes made here hold all that is there.
            migrationBuilder.Sql("INSERT INTO list_state (Id, SettledTo) SELECT 1, coalesce(max(RowId), 0) FROM imports");

            migrationBuilder.CreateIndex(
                name: "IX_imports_FailureCount_Arrived",
                table: "imports",
                columns: new[] { "FailureCount", "Arrived" },
                filter: "Settled = 1 AND FailureCount IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_imports_Failures",
                table: "imports",
                column: "Arrived",
                filter: "FailureCount > 0");

            migrationBuilder.CreateIndex(
                name: "IX_imports_FileName_Arrived",
                table: "imports",
                columns: new[] { "FileName", "Arrived" },
                filter: "Settled = 1");

            migrationBuilder.CreateIndex(
                name: "IX_imports_FileSize_Arrived",
                table: "imports",
                columns: new[] { "FileSize", "Arrived" },
                filter: "Settled = 1");

            migrationBuilder.CreateIndex(
                name: "IX_imports_ParsedRowCount_Arrived",
                table: "imports",
                columns: new[] { "ParsedRowCount", "Arrived" },
                filter: "Settled = 1 AND ParsedRowCount IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_imports_SuccessCount_Arrived",
                table: "imports",
                columns: new[] { "SuccessCount", "Arrived" },
                filter: "Settled = 1 AND SuccessCount IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "list_state");

            migrationBuilder.DropIndex(
                name: "IX_imports_FailureCount_Arrived",
                table: "imports");

            migrationBuilder.DropIndex(
                name: "IX_imports_Failures",
                table: "imports");

            migrationBuilder.DropIndex(
                name: "IX_imports_FileName_Arrived",
                table: "imports");

            migrationBuilder.DropIndex(
                name: "IX_imports_FileSize_Arrived",
                table: "imports");

            migrationBuilder.DropIndex(
                name: "IX_imports_ParsedRowCount_Arrived",
                table: "imports");

            migrationBuilder.DropIndex(
                name: "IX_imports_SuccessCount_Arrived",
                table: "imports");

            migrationBuilder.DropColumn(
                name: "Settled",
                table: "imports");

            migrationBuilder.CreateIndex(
                name: "IX_imports_FailureCount_Arrived",
                table: "imports",
                columns: new[] { "FailureCount", "Arrived" },
                filter: "FailureCount IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_imports_FileName_Arrived",
                table: "imports",
                columns: new[] { "FileName", "Arrived" });

            migrationBuilder.CreateIndex(
                name: "IX_imports_FileSize_Arrived",
                table: "imports",
                columns: new[] { "FileSize", "Arrived" });

            migrationBuilder.CreateIndex(
                name: "IX_imports_ParsedRowCount_Arrived",
                table: "imports",
                columns: new[] { "ParsedRowCount", "Arrived" },
                filter: "ParsedRowCount IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_imports_SuccessCount_Arrived",
                table: "imports",
                columns: new[] { "SuccessCount", "Arrived" },
                filter: "SuccessCount IS NOT NULL");
        }
    }
}
