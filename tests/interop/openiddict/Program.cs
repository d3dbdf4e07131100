// An OpenIddict server on loopback, over TLS: authority CERTIFICATE KEY, both PEM. It says where it listens.
using System.Net;
using System.Security.Claims;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

var builder = WebApplication.CreateBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0,
    listen => listen.UseHttps(X509Certificate2.CreateFromPemFile(args[0], args[1]))));
builder.Services.AddDbContext<DbContext>(store => store.UseInMemoryDatabase("openiddict").UseOpenIddict());

var keys = new KeyRing();
builder.Services.AddSingleton<IConfigureOptions<OpenIddictServerOptions>>(keys);
builder.Services.AddSingleton<IOptionsChangeTokenSource<OpenIddictServerOptions>>(keys);
builder.Services.AddOpenIddict()
    .AddCore(core => core.UseEntityFrameworkCore().UseDbContext<DbContext>())
    .AddServer(server =>
    {
        server.AllowClientCredentialsFlow().SetTokenEndpointUris("connect/token");
        server.AddEphemeralEncryptionKey().DisableAccessTokenEncryption();
        server.UseAspNetCore().EnableTokenEndpointPassthrough();
    });

var app = builder.Build();
app.MapPost("connect/token", async (HttpContext context, IOpenIddictScopeManager scopes) =>
{
    var request = context.GetOpenIddictServerRequest()!;
    var identity = new ClaimsIdentity("client", Claims.Name, Claims.Role);
    identity.SetClaim(Claims.Subject, request.ClientId).SetScopes(request.GetScopes());
    identity.SetResources(await scopes.ListResourcesAsync(identity.GetScopes()).ToListAsync());
    return Results.SignIn(new ClaimsPrincipal(identity), null, OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
});
app.MapPost("control/add-key", keys.Add);
app.MapPost("control/drop-oldest-key", keys.DropOldest);

await using (var start = app.Services.CreateAsyncScope())
{
    var client = new OpenIddictApplicationDescriptor { ClientId = "worker", ClientSecret = "worker's secret" };
    client.Permissions.UnionWith([Permissions.Endpoints.Token, Permissions.GrantTypes.ClientCredentials]);
    var scopes = start.ServiceProvider.GetRequiredService<IOpenIddictScopeManager>();
    foreach (var (name, resource) in new[] {
                 ("orders.read", "api://orders"), ("orders.list", "api://orders"), ("invoices.read", "api://invoices") })
    {
        client.Permissions.Add(Permissions.Prefixes.Scope + name);
        await scopes.CreateAsync(new OpenIddictScopeDescriptor { Name = name, Resources = { resource } });
    }
    await start.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>().CreateAsync(client);
}
await app.StartAsync();
Console.WriteLine($"listening on {app.Urls.First()}");
await app.WaitForShutdownAsync();
