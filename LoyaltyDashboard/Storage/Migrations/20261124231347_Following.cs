using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace LoyaltyDashboard.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Following : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "FaultsInARow",
                table: "sites",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "FollowedSince",
                table: "sites",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "LastAnswer",
                table: "sites",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "LastOddAnswer",
                table: "sites",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Link",
                table: "sites",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "LinkReason",
                table: "sites",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "LinkSince",
                table: "sites",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "NextAsk",
                table: "sites",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "NextNaming",
                table: "sites",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "NextRecovery",
                table: "sites",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "NotBefore",
                table: "sites",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "OddAnswers",
                table: "sites",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "RecoveredTo",
                table: "sites",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "LastObservedAt",
                table: "observations",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "Gone",
                table: "imports",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "NextAsk",
                table: "imports",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "Stuck",
                table: "imports",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "StuckReason",
                table: "imports",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_sites_NextAsk",
                table: "sites",
                column: "NextAsk");

            migrationBuilder.CreateIndex(
                name: "IX_imports_SiteRowId_NextAsk",
                table: "imports",
                columns: new[] { "SiteRowId", "NextAsk" },
                filter: "NextAsk IS NOT NULL");

            // What was received before following existed is asked for at the next start, all but the finished and the test events.
            migrationBuilder.Sql("UPDATE observations SET LastObservedAt = ObservedAt");
            migrationBuilder.Sql("UPDATE imports SET NextAsk = LastSeen WHERE Status NOT IN (5, 6) AND IsTestEvent = 0 AND SiteRowId IS NOT NULL");
            migrationBuilder.Sql("UPDATE sites SET NextAsk = FirstSeen, NextRecovery = FirstSeen, NextNaming = FirstSeen");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_sites_NextAsk",
                table: "sites");

            migrationBuilder.DropIndex(
                name: "IX_imports_SiteRowId_NextAsk",
                table: "imports");

            migrationBuilder.DropColumn(
                name: "FaultsInARow",
                table: "sites");

            migrationBuilder.DropColumn(
                name: "FollowedSince",
                table: "sites");

            migrationBuilder.DropColumn(
                name: "LastAnswer",
                table: "sites");

            migrationBuilder.DropColumn(
                name: "LastOddAnswer",
                table: "sites");

            migrationBuilder.DropColumn(
                name: "Link",
                table: "sites");

            migrationBuilder.DropColumn(
                name: "LinkReason",
                table: "sites");

            migrationBuilder.DropColumn(
                name: "LinkSince",
                table: "sites");

            migrationBuilder.DropColumn(
                name: "NextAsk",
                table: "sites");

            migrationBuilder.DropColumn(
                name: "NextNaming",
                table: "sites");

            migrationBuilder.DropColumn(
                name: "NextRecovery",
                table: "sites");

            migrationBuilder.DropColumn(
                name: "NotBefore",
                table: "sites");

            migrationBuilder.DropColumn(
                name: "OddAnswers",
                table: "sites");

            migrationBuilder.DropColumn(
                name: "RecoveredTo",
                table: "sites");

            migrationBuilder.DropColumn(
                name: "LastObservedAt",
                table: "observations");

            migrationBuilder.DropColumn(
                name: "Gone",
                table: "imports");

            migrationBuilder.DropColumn(
                name: "NextAsk",
                table: "imports");

            migrationBuilder.DropColumn(
                name: "Stuck",
                table: "imports");

            migrationBuilder.DropColumn(
                name: "StuckReason",
                table: "imports");
        }
    }
}
