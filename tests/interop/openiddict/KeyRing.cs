using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;

/// The signing certificates. OpenIddict publishes all that its options have, and signs with the one that ends last;
/// a change has the options made anew.
class KeyRing : IConfigureOptions<OpenIddictServerOptions>, IOptionsChangeTokenSource<OpenIddictServerOptions>
{
    private readonly List<X509Certificate2> certificates = [];
    private CancellationTokenSource change = new();
    private int made;

    public KeyRing() => Add();

    public void Add() => Change(() =>
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=signing", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        var now = DateTimeOffset.UtcNow;
        certificates.Add(request.CreateSelfSigned(now.AddMinutes(-1), now.AddDays(++made)));
    });

    public void DropOldest() => Change(() => certificates.RemoveAt(0));

    private void Change(Action action)
    {
        lock (certificates) action();
        Interlocked.Exchange(ref change, new()).Cancel();
    }

    public string Name => Options.DefaultName;
    public IChangeToken GetChangeToken() => new CancellationChangeToken(change.Token);

    public void Configure(OpenIddictServerOptions options)
    {
        lock (certificates)
            options.SigningCredentials.AddRange(certificates.Select(
                one => new SigningCredentials(new X509SecurityKey(one), SecurityAlgorithms.RsaSha256)));
    }
}
