// .NET's JsonWebTokenHandler in ./dev bench peers: peer_dotnet CASES. Says its name, then answers each line
// "ALG claims|identity MILLISECONDS" with the nanoseconds of CPU time that a token took, all threads of the process.
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

var cases = JsonNode.Parse(File.ReadAllText(args[0]))!.AsArray();
var handler = new JsonWebTokenHandler();
string Text(JsonNode node, string name) => (string?)node[name] ?? "";
SecurityKey KeyOf(JsonNode one) => Text(one, "secret") is { Length: > 0 } secret
    ? new SymmetricSecurityKey(System.Text.Encoding.UTF8.GetBytes(secret)) { KeyId = "k1" }
    : new JsonWebKey(Text(one, "jwk"));

TokenValidationParameters Wanted(JsonNode one) => new()
{
    ValidIssuer = Text(one, "issuer"), ValidAudience = Text(one, "audience"), IssuerSigningKey = KeyOf(one),
    ValidAlgorithms = [Text(one, "algorithm")], ClockSkew = TimeSpan.Zero,
};

bool Implements(JsonNode one) =>
    Text(one, "algorithm") != "EdDSA" && CryptoProviderFactory.Default.IsSupportedAlgorithm(Text(one, "algorithm"), KeyOf(one));

bool Accepts(string token, TokenValidationParameters wanted, bool buildsIdentity)
{
    var result = handler.ValidateTokenAsync(token, wanted).GetAwaiter().GetResult();
    return result.IsValid && (!buildsIdentity || result.ClaimsIdentity.Claims.Any());
}

double Slice(JsonNode one, TokenValidationParameters wanted, bool buildsIdentity, double milliseconds)
{
    var good = Text(one, "good");
    var (count, holds) = (0, true);
    var start = Environment.CpuUsage.TotalTime;
    var spent = TimeSpan.Zero;
    while (spent.TotalMilliseconds < milliseconds)
    {
        for (var i = 0; i < 64; ++i) holds &= Accepts(good, wanted, buildsIdentity);
        count += 64;
        spent = Environment.CpuUsage.TotalTime - start;
    }
    if (!holds) throw new Exception("a good token was refused while time was taken");
    return spent.TotalNanoseconds / count;
}

var peers = cases.Where(one => Implements(one!)).ToDictionary(one => Text(one!, "algorithm"), one => (one!, Wanted(one!)));
foreach (var (name, (one, wanted)) in peers)
{
    if (!Accepts(Text(one, "good"), wanted, true)) throw new Exception($"{name}: refuses the good token");
    foreach (var (why, token) in one["bad"]!.AsObject())
        if (Accepts((string)token!, wanted, false)) throw new Exception($"{name}: accepts the bad token: {why}");
}
// The compiler goes over hot methods again, in the background, and more than once.
for (var pass = 0; pass < 4; ++pass)
{
    foreach (var (_, (one, wanted)) in peers) { Slice(one, wanted, false, 500); Slice(one, wanted, true, 500); }
    Thread.Sleep(300);
}
var version = typeof(JsonWebTokenHandler).Assembly.GetName().Version!.ToString(3);
Console.WriteLine($"JsonWebTokenHandler {version}, {RuntimeInformation.FrameworkDescription}");
while (Console.ReadLine() is { } line)
{
    var words = line.Split(' ');
    Console.WriteLine(peers.TryGetValue(words[0], out var peer)
        ? Slice(peer.Item1, peer.Item2, words[1] == "identity", double.Parse(words[2])).ToString("F1") : "-");
}
