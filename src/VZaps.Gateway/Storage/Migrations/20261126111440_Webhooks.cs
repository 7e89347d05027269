using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace VZaps.Gateway.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Webhooks : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "webhook_attempts",
                columns: table => new
                {
                    DeliveryId = table.Column<long>(type: "INTEGER", nullable: false),
                    Number = table.Column<int>(type: "INTEGER", nullable: false),
                    AtMilliseconds = table.Column<long>(type: "INTEGER", nullable: false),
                    DurationMilliseconds = table.Column<long>(type: "INTEGER", nullable: false),
                    Url = table.Column<string>(type: "TEXT", nullable: false),
                    RequestHeaders = table.Column<string>(type: "TEXT", nullable: false),
                    HttpStatus = table.Column<int>(type: "INTEGER", nullable: true),
                    Response = table.Column<string>(type: "TEXT", nullable: true),
                    Error = table.Column<string>(type: "TEXT", nullable: true),
                    IsManual = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_webhook_attempts", x => new { x.DeliveryId, x.Number });
                });

            migrationBuilder.CreateTable(
                name: "webhook_deliveries",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false),
                    EndpointId = table.Column<long>(type: "INTEGER", nullable: false),
                    Sequence = table.Column<long>(type: "INTEGER", nullable: false),
                    EventId = table.Column<string>(type: "TEXT", nullable: false),
                    TypeIndex = table.Column<byte>(type: "INTEGER", nullable: false),
                    Chat = table.Column<string>(type: "TEXT", nullable: true),
                    Status = table.Column<byte>(type: "INTEGER", nullable: false),
                    Attempts = table.Column<int>(type: "INTEGER", nullable: false),
                    HttpStatus = table.Column<int>(type: "INTEGER", nullable: true),
                    NextAttemptAtMilliseconds = table.Column<long>(type: "INTEGER", nullable: true),
                    SettledAtMilliseconds = table.Column<long>(type: "INTEGER", nullable: true),
                    IsManual = table.Column<bool>(type: "INTEGER", nullable: false),
                    IsHeld = table.Column<bool>(type: "INTEGER", nullable: false),
                    Bytes = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_webhook_deliveries", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "webhook_endpoints",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Instance = table.Column<string>(type: "TEXT", nullable: false),
                    Name = table.Column<string>(type: "TEXT", nullable: false),
                    Url = table.Column<string>(type: "TEXT", nullable: true),
                    Types = table.Column<int>(type: "INTEGER", nullable: true),
                    IsEnabled = table.Column<bool>(type: "INTEGER", nullable: false),
                    BodyKind = table.Column<int>(type: "INTEGER", nullable: false),
                    Headers = table.Column<string>(type: "TEXT", nullable: false),
                    Order = table.Column<int>(type: "INTEGER", nullable: false),
                    Secret = table.Column<byte[]>(type: "BLOB", nullable: false),
                    PreviousSecret = table.Column<byte[]>(type: "BLOB", nullable: true),
                    PreviousSecretUntilMilliseconds = table.Column<long>(type: "INTEGER", nullable: true),
                    Position = table.Column<long>(type: "INTEGER", nullable: false),
                    FirstPosition = table.Column<long>(type: "INTEGER", nullable: false),
                    LastSuccessAtMilliseconds = table.Column<long>(type: "INTEGER", nullable: true),
                    FailingSinceMilliseconds = table.Column<long>(type: "INTEGER", nullable: true),
                    DisabledReason = table.Column<string>(type: "TEXT", nullable: true),
                    DisabledAtMilliseconds = table.Column<long>(type: "INTEGER", nullable: true),
                    DeletedAtMilliseconds = table.Column<long>(type: "INTEGER", nullable: true),
                    CreatedAtMilliseconds = table.Column<long>(type: "INTEGER", nullable: false),
                    UpdatedAtMilliseconds = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_webhook_endpoints", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "webhook_jobs",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", nullable: false),
                    Instance = table.Column<string>(type: "TEXT", nullable: false),
                    Filter = table.Column<string>(type: "TEXT", nullable: false),
                    Cursor = table.Column<long>(type: "INTEGER", nullable: true),
                    Matched = table.Column<long>(type: "INTEGER", nullable: false),
                    Asked = table.Column<long>(type: "INTEGER", nullable: false),
                    Skipped = table.Column<long>(type: "INTEGER", nullable: false),
                    State = table.Column<int>(type: "INTEGER", nullable: false),
                    CreatedAtMilliseconds = table.Column<long>(type: "INTEGER", nullable: false),
                    UpdatedAtMilliseconds = table.Column<long>(type: "INTEGER", nullable: false),
                    EndedAtMilliseconds = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_webhook_jobs", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "webhook_log_totals",
                columns: table => new
                {
                    EndpointId = table.Column<long>(type: "INTEGER", nullable: false),
                    Logs = table.Column<long>(type: "INTEGER", nullable: false),
                    Bytes = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_webhook_log_totals", x => x.EndpointId);
                });

            migrationBuilder.CreateTable(
                name: "webhook_payloads",
                columns: table => new
                {
                    DeliveryId = table.Column<long>(type: "INTEGER", nullable: false),
                    Envelope = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_webhook_payloads", x => x.DeliveryId);
                });

            migrationBuilder.CreateIndex(
                name: "IX_webhook_deliveries_EndpointId",
                table: "webhook_deliveries",
                column: "EndpointId");

            migrationBuilder.CreateIndex(
                name: "IX_webhook_deliveries_EndpointId_HttpStatus_Status_TypeIndex",
                table: "webhook_deliveries",
                columns: new[] { "EndpointId", "HttpStatus", "Status", "TypeIndex" });

            migrationBuilder.CreateIndex(
                name: "IX_webhook_deliveries_EndpointId_Sequence",
                table: "webhook_deliveries",
                columns: new[] { "EndpointId", "Sequence" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_webhook_deliveries_EndpointId_Status_TypeIndex",
                table: "webhook_deliveries",
                columns: new[] { "EndpointId", "Status", "TypeIndex" });

            migrationBuilder.CreateIndex(
                name: "IX_webhook_deliveries_due",
                table: "webhook_deliveries",
                columns: new[] { "EndpointId", "NextAttemptAtMilliseconds" },
                filter: "\"Status\" = 0");

            migrationBuilder.CreateIndex(
                name: "IX_webhook_deliveries_manual",
                table: "webhook_deliveries",
                column: "EndpointId",
                filter: "\"IsManual\" = 1");

            migrationBuilder.CreateIndex(
                name: "IX_webhook_endpoints_Instance",
                table: "webhook_endpoints",
                column: "Instance");

            migrationBuilder.CreateIndex(
                name: "IX_webhook_endpoints_Instance_Name",
                table: "webhook_endpoints",
                columns: new[] { "Instance", "Name" },
                unique: true,
                filter: "\"DeletedAtMilliseconds\" IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_webhook_jobs_Instance",
                table: "webhook_jobs",
                column: "Instance");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "webhook_attempts");

            migrationBuilder.DropTable(
                name: "webhook_deliveries");

            migrationBuilder.DropTable(
                name: "webhook_endpoints");

            migrationBuilder.DropTable(
                name: "webhook_jobs");

            migrationBuilder.DropTable(
                name: "webhook_log_totals");

            migrationBuilder.DropTable(
                name: "webhook_payloads");
        }
    }
}
