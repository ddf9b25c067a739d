using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace LoyaltyDashboard.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Lists : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_imports_Arrived_RowId",
                table: "imports");

            migrationBuilder.DropIndex(
                name: "IX_imports_Created",
                table: "imports");

            migrationBuilder.DropIndex(
                name: "IX_imports_Updated",
                table: "imports");

            migrationBuilder.CreateIndex(
                name: "IX_imports_Arrived",
                table: "imports",
                columns: new[] { "Arrived", "RowId", "Status", "SiteRowId", "Verdict", "ParsedRowCount", "SuccessCount", "FailureCount", "ErrorFileExists" });

            migrationBuilder.CreateIndex(
                name: "IX_imports_Created_Arrived",
                table: "imports",
                columns: new[] { "Created", "Arrived" });

            migrationBuilder.CreateIndex(
                name: "IX_imports_ErrorFile",
                table: "imports",
                column: "Arrived",
                filter: "ErrorFileExists = 1");

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
                name: "IX_imports_Findings",
                table: "imports",
                columns: new[] { "Verdict", "Arrived" },
                filter: "Verdict >= 2");

            migrationBuilder.CreateIndex(
                name: "IX_imports_Moving_LastSeen",
                table: "imports",
                column: "LastSeen",
                filter: "Status IN (2, 4) AND Stuck IS NULL AND Gone IS NULL");

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

            migrationBuilder.CreateIndex(
                name: "IX_imports_Updated_Arrived",
                table: "imports",
                columns: new[] { "Updated", "Arrived" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_imports_Arrived",
                table: "imports");

            migrationBuilder.DropIndex(
                name: "IX_imports_Created_Arrived",
                table: "imports");

            migrationBuilder.DropIndex(
                name: "IX_imports_ErrorFile",
                table: "imports");

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
                name: "IX_imports_Findings",
                table: "imports");

            migrationBuilder.DropIndex(
                name: "IX_imports_Moving_LastSeen",
                table: "imports");

            migrationBuilder.DropIndex(
                name: "IX_imports_ParsedRowCount_Arrived",
                table: "imports");

            migrationBuilder.DropIndex(
                name: "IX_imports_SuccessCount_Arrived",
                table: "imports");

            migrationBuilder.DropIndex(
                name: "IX_imports_Updated_Arrived",
                table: "imports");

            migrationBuilder.CreateIndex(
                name: "IX_imports_Arrived_RowId",
                table: "imports",
                columns: new[] { "Arrived", "RowId" });

            migrationBuilder.CreateIndex(
                name: "IX_imports_Created",
                table: "imports",
                column: "Created");

            migrationBuilder.CreateIndex(
                name: "IX_imports_Updated",
                table: "imports",
                column: "Updated");
        }
    }
}
