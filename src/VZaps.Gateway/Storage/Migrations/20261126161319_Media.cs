using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace VZaps.Gateway.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Media : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<byte[]>(
                name: "AccessToken",
                table: "sources",
                type: "BLOB",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "media",
                columns: table => new
                {
                    Id = table.Column<string>(type: "TEXT", nullable: false),
                    Instance = table.Column<string>(type: "TEXT", nullable: false),
                    Source = table.Column<string>(type: "TEXT", nullable: false),
                    Status = table.Column<int>(type: "INTEGER", nullable: false),
                    MimeType = table.Column<string>(type: "TEXT", nullable: false),
                    ContentType = table.Column<string>(type: "TEXT", nullable: true),
                    FileName = table.Column<string>(type: "TEXT", nullable: true),
                    Size = table.Column<long>(type: "INTEGER", nullable: true),
                    Sha256 = table.Column<string>(type: "TEXT", nullable: true),
                    ExpectedSha256 = table.Column<string>(type: "TEXT", nullable: true),
                    CloudId = table.Column<string>(type: "TEXT", nullable: true),
                    Url = table.Column<byte[]>(type: "BLOB", nullable: true),
                    CreatedAtMilliseconds = table.Column<long>(type: "INTEGER", nullable: false),
                    StoredAtMilliseconds = table.Column<long>(type: "INTEGER", nullable: true),
                    Attempts = table.Column<int>(type: "INTEGER", nullable: false),
                    NextAttemptAtMilliseconds = table.Column<long>(type: "INTEGER", nullable: true),
                    ErrorCode = table.Column<string>(type: "TEXT", nullable: true),
                    ErrorMessage = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_media", x => x.Id);
                    table.ForeignKey(
                        name: "FK_media_instances_Instance",
                        column: x => x.Instance,
                        principalTable: "instances",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_media_CreatedAtMilliseconds",
                table: "media",
                column: "CreatedAtMilliseconds");

            migrationBuilder.CreateIndex(
                name: "IX_media_Instance_CreatedAtMilliseconds_Id",
                table: "media",
                columns: new[] { "Instance", "CreatedAtMilliseconds", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_media_Sha256",
                table: "media",
                column: "Sha256");

            migrationBuilder.CreateIndex(
                name: "IX_media_Status_NextAttemptAtMilliseconds",
                table: "media",
                columns: new[] { "Status", "NextAttemptAtMilliseconds" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "media");

            migrationBuilder.DropColumn(
                name: "AccessToken",
                table: "sources");
        }
    }
}
