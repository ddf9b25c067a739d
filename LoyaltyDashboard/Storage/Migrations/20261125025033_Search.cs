using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace LoyaltyDashboard.Storage.Migrations
{
    /// <summary>
    /// The search index and what it has to catch up with. It is made empty, and follows while nothing else is to be written: bringing a large database to this version takes no time.
    /// </summary>
    public partial class Search : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("CREATE TABLE search_state (Id INTEGER NOT NULL PRIMARY KEY CHECK (Id = 1), IndexedTo INTEGER NOT NULL)");
            migrationBuilder.Sql("INSERT INTO search_state (Id, IndexedTo) VALUES (1, 0)");
            migrationBuilder.Sql("CREATE TABLE search_changes (RowId INTEGER NOT NULL PRIMARY KEY, Indexed TEXT NOT NULL)");

            // The first text counts, for it is the one that stands in the index. RowIds of imports are never used again, so nothing is ever added below IndexedTo.
            migrationBuilder.Sql(
                """
                CREATE TRIGGER import_texts_changed AFTER UPDATE OF Folded ON import_texts
                WHEN old.Folded <> new.Folded AND old.RowId <= (SELECT IndexedTo FROM search_state)
                BEGIN INSERT INTO search_changes (RowId, Indexed) VALUES (old.RowId, old.Folded) ON CONFLICT (RowId) DO NOTHING; END
                """);
            migrationBuilder.Sql(
                """
                CREATE TRIGGER import_texts_removed AFTER DELETE ON import_texts
                WHEN old.RowId <= (SELECT IndexedTo FROM search_state)
                BEGIN INSERT INTO search_changes (RowId, Indexed) VALUES (old.RowId, old.Folded) ON CONFLICT (RowId) DO NOTHING; END
                """);
            foreach (var sql in SearchIndex.Definition)
            {
                migrationBuilder.Sql(sql);
            }
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP TRIGGER import_texts_changed; DROP TRIGGER import_texts_removed; DROP TABLE search_changes; DROP TABLE search_state; DROP TABLE import_search");
        }
    }
}
