// .NET's JsonWebTokenHandler: peer_dotnet CASES.
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

var file = JsonNode.Parse(File.ReadAllText(args[0]))!;
IdentityModelEventSource.ShowPII = true;  // so that a refusal says why
var handler = new JsonWebTokenHandler();
string Text(JsonNode node, string name) => (string?)node[name] ?? "";
SecurityKey KeyOf(JsonNode jwk) => Text(jwk, "kty") == "oct"
    ? new SymmetricSecurityKey(Base64UrlEncoder.DecodeBytes(Text(jwk, "k"))) { KeyId = Text(jwk, "kid") }
    : new JsonWebKey(jwk.ToJsonString());

SecurityKey PublicPart(JsonNode jwk)
{
    var copy = jwk.DeepClone().AsObject();
    foreach (var member in new[] { "d", "p", "q", "dp", "dq", "qi" }) copy.Remove(member);
    return KeyOf(copy);
}

// What the handler can do is what it says of itself. Its ECDH-ES opens no token of the other peers either, and its
// GCM is Windows' own.
bool Implements(string alg, string enc, JsonNode jwk)
{
    if (Text(jwk, "kty") == "OKP" || alg.StartsWith("ECDH-ES") || alg.StartsWith("PBES2")) return false;
    if (enc.EndsWith("GCM") && !OperatingSystem.IsWindows()) return false;
    return alg == "dir" || CryptoProviderFactory.Default.IsSupportedAlgorithm(alg, KeyOf(jwk));
}

bool Writes(string enc) => !enc.EndsWith("GCM");

TokenValidationParameters Wanted(SecurityKey key, SecurityKey? decryption) => new()
{
    ValidIssuer = Text(file, "issuer"), ValidAudience = Text(file, "audience"),
    IssuerSigningKey = key, TokenDecryptionKey = decryption,
};

async Task Judge(JsonNode one, JsonObject answer)
{
    string alg = Text(one, "alg"), enc = Text(one, "enc");
    var key = KeyOf(one["key"]!);
    var signing = enc == "" ? key : KeyOf(file["inner"]!);
    var wanted = Wanted(signing, enc == "" ? null : key);
    var result = await handler.ValidateTokenAsync(Text(one, "token"), wanted);
    if (!result.IsValid) throw result.Exception;
    answer["accepts"] = true;
    answer["refuses"] = !(await handler.ValidateTokenAsync(Text(one, "forged"), wanted)).IsValid;
    if (!Writes(enc)) { answer["token"] = null; return; }
    answer["token"] = handler.CreateToken(new SecurityTokenDescriptor
    {
        Issuer = Text(file, "issuer"), Audience = Text(file, "audience"),
        SigningCredentials = new SigningCredentials(signing, enc == "" ? alg : "HS256"),
        EncryptingCredentials = enc == "" ? null : new EncryptingCredentials(PublicPart(one["key"]!), alg, enc),
    });
}

var answers = new JsonObject();
foreach (var one in file["cases"]!.AsArray())
{
    if (!Implements(Text(one!, "alg"), Text(one!, "enc"), one!["key"]!)) continue;
    var answer = new JsonObject();
    try { await Judge(one!, answer); }
    catch (Exception error) { answer["error"] = error.GetType().Name + ": " + error.Message; }
    answers[Text(one!, "id")] = answer;
}
var version = typeof(JsonWebTokenHandler).Assembly.GetName().Version!.ToString(3);
Console.WriteLine(new JsonObject { ["peer"] = $".NET JsonWebTokenHandler {version}", ["answers"] = answers }.ToJsonString());
