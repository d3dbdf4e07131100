// An ASP.NET Core API as its documentation has it: api AUTHORITY AUDIENCE. It says where it listens.
var builder = WebApplication.CreateBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Services.AddAuthentication().AddJwtBearer(options =>
{
    options.Authority = args[0];
    options.Audience = args[1];
});
builder.Services.AddAuthorization();

var app = builder.Build();
app.MapGet("/orders", () => "orders").RequireAuthorization();
await app.StartAsync();
Console.WriteLine($"listening on {app.Urls.First()}");
await app.WaitForShutdownAsync();
