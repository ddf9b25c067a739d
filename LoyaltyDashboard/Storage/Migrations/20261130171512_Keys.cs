using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace LoyaltyDashboard.Storage.Migrations
{
    /// <summary>The unique indexes become tables that follow the commit.</summary>
    public partial class Keys : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // Each is one tree: rows in the order of their keys, where an index would stand beside a table. Filled from the indexes that go, which are in that order.
            migrationBuilder.Sql("CREATE TABLE import_keys (Key BLOB NOT NULL PRIMARY KEY, RowId INTEGER NOT NULL) WITHOUT ROWID");
            migrationBuilder.Sql("INSERT INTO import_keys (Key, RowId) SELECT Id, RowId FROM imports ORDER BY Id");
            migrationBuilder.Sql("CREATE TABLE delivery_keys (Key BLOB NOT NULL PRIMARY KEY, RowId INTEGER NOT NULL) WITHOUT ROWID");
            migrationBuilder.Sql("INSERT INTO delivery_keys (Key, RowId) SELECT DedupeKey, RowId FROM deliveries WHERE DedupeKey IS NOT NULL ORDER BY DedupeKey");
            migrationBuilder.Sql("CREATE TABLE key_state (Keys TEXT NOT NULL PRIMARY KEY, SettledTo INTEGER NOT NULL) WITHOUT ROWID");
            migrationBuilder.Sql("INSERT INTO key_state (Keys, SettledTo) SELECT 'import_keys', coalesce(max(RowId), 0) FROM imports");
            migrationBuilder.Sql("INSERT INTO key_state (Keys, SettledTo) SELECT 'delivery_keys', coalesce(max(RowId), 0) FROM deliveries");

            migrationBuilder.DropIndex(
                name: "IX_imports_Id",
                table: "imports");

            migrationBuilder.DropIndex(
                name: "IX_imports_Updated_Arrived",
                table: "imports");

            migrationBuilder.DropIndex(
                name: "IX_deliveries_DedupeKey",
                table: "deliveries");

            migrationBuilder.CreateIndex(
                name: "IX_imports_Updated_Arrived",
                table: "imports",
                columns: new[] { "Updated", "Arrived" },
                filter: "Settled = 1");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP TABLE key_state; DROP TABLE delivery_keys; DROP TABLE import_keys");

            migrationBuilder.DropIndex(
                name: "IX_imports_Updated_Arrived",
                table: "imports");

            migrationBuilder.CreateIndex(
                name: "IX_imports_Id",
                table: "imports",
                column: "Id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_imports_Updated_Arrived",
                table: "imports",
                columns: new[] { "Updated", "Arrived" });

            migrationBuilder.CreateIndex(
                name: "IX_deliveries_DedupeKey",
                table: "deliveries",
                column: "DedupeKey",
                unique: true);
        }
    }
}
