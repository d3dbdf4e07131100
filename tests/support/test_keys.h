/// Keys for tests only: everybody can read them here.
#pragma once

#include <string_view>

namespace gatehouse::test_keys {

inline constexpr std::string_view rsa = R"(-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDD7KLr86PFlIiI
xdZHv5qKV4Z4FC/f6OpjNKt3BWlGHCh+LcDlN6Uarmi8MkYrX1gYdGgm6ln5zJzz
KvmfUuuIhq42zKzmUciJy3+G88Yc41ADsqHd+CTKYq2r9FiMneOkz1abTo9UD4B7
2zPNCml38CpfGZyG+gKmPOq3PGwh63GyUlJKgk9M3uB24CEBr8FNlOre9MLv+hZL
G7zszUH8hyi5XPAgpUPUclQoUBu6jIYilrCDz+XWNJUxFj5r7/nKS1pnwUkLba8O
79ihRZSNxDaH/VfCXd71ZfAs5rAAXN+y6u7opO9kA5vZKiSmr98I13IgKKVQKWqb
UWKQ8cyzAgMBAAECggEAEZQRqgnaD8gb1+moKBfQzci8j9l/0h8bqHr5R1x87YVp
PKjuPaKYdaRgUUJReWK8jLUlAxjTqc3p5wdcDidqan1q9A+5E5ES5QoVDw6gH8dl
Tm+ghkHVSzM/UcZCi5s+6XKQ2q5ZvbkGVhZ8t1DP1ar+ojmyCYo04qVkibwqF4DX
zss6kgyoQ8eDmrXSaMOlYgJggXMS1ul+Fno1oBya51f+pY5ASB1d9/Zv01kZ1z66
z/vXCXLJN897gni8ioWL3hE8pYqKlF+qlfsk95R0rb2A9EYon8gcwwfV35clv+Ai
qqmEr5WwacTNLpsLX24jlGEvwBBK5dJHZ11YdGaVwQKBgQD/8W8TkEy1oAM1qe0W
BtADD6Y4mTPIgqZ4TZ15uI6jVMRUXzQ2uBc3DgcoRqjg+48eQHm9W0ZxHtY4N92X
uHNU+1bPeYazQFeLXJhNC9RaKGuwBJpWdKzLRbzp0pusuctMxqEftOgH6R6LkjTy
xXXCZcJJ94jmD0D046a1A0FpbwKBgQDD98lpVqEfwF9Z5fb/5V02KLJUwvxZxk16
dwlnU36TVnsq1knoJtQkOjXkDdjPdG3RICtF0saj+NGBdbpC8hcCsSColtdQh2sr
di9cywS4u6EHTnvekC9PzhxFxKdtjKs8xXHkZnx4DEHBwvFHBLAN5hjO8IvD3RGu
EgSMCmwG/QKBgEjrkKoSQsi8fi2b7GCKMFmu67zUaVyHXMaJ1oQHgRwn2ofvWAD/
Eh4tcPyYpST0hyInXIgGqVsxXfdGc2v2sWVU9rbF+Qq5GjgqeXn6FNZbDdNofFCF
jXWcuOYlixT7GmEVdnKCKFmYoYtCbLN+br6kH2bTj718OxWKhsSr2MchAoGBAIS+
Tv98v+3LGIvDu3mBe49ZJ9tErT1+lzLyeTs1kpLpTMsqlqubya20hJazTn7QRicX
XFiSux2NSRUhkwcQB8g6BX5NlxIkeNLa3qBDoTIlXqGdZ0jOcE3ltr8Hw8XwOHoU
4N4vEfcbjlta2qcZpMv1Zi6fQH1vPS+lYtEdqildAoGAaJAU02vvLQYMxcUiKZMv
Nl4xMeqm2wOsV9sKCEwTgj8QIh1M/L3pkv3S5d7piSn1bBYMlpgw53MLWbtZ4mlx
nL8TAHDGk7XfLUYKnmmFnXvF5U8+vI1WTbGo4ucWVWfqbLWn0Tm347d7dzjhD7WQ
buxYCCgoNTGzZRwn3zSnYXA=
-----END PRIVATE KEY-----
)";

inline constexpr std::string_view p256 = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgp7WIseL+wdBrA9om
xy73ItR31zstw8GLTDULbZEEyLqhRANCAASahrTa2RAU/C6kuhYg75c5oEjPFx+C
DkpbIqom9Fxbm2UR1jbzZrtq2sOzGehLhPv1WO/YLQtK+8KwGDr22YLs
-----END PRIVATE KEY-----
)";

inline constexpr std::string_view p384 = R"(-----BEGIN PRIVATE KEY-----
MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDAjQ8s7L4uNC/hcXlGq
w9pDsNMch0xqeYsiN05U7QxxkHFNlEm2NfDnH/Nb4aVlVgyhZANiAARQP3dtbCJq
DkBiYMojuo7/c30YJcq4gqpkvH1yOP3LFjMdRUFIFGu4AlA4QNCtJ3OUd8Njx/Xo
gRLWTs+Mr6g1Dk95mYXuO+PC7eWMoF61GqMqyVTW8wdajU2O3c/a/BY=
-----END PRIVATE KEY-----
)";

inline constexpr std::string_view p521 = R"(-----BEGIN PRIVATE KEY-----
MIHuAgEAMBAGByqGSM49AgEGBSuBBAAjBIHWMIHTAgEBBEIAIsKBqGK0GQSFOCaU
zxT7B9c4CtcWlptcKQWwxh/r68fQT3+xY2tzmeVWhd/woGll91tHEXT0BjLTnuz3
CzizvGehgYkDgYYABAHOVSxN23e5qfHy+Ln2Ps/LjBXj7Out+zeQ8cY2z8XIa/jR
uvLJZE1x1Gy8DBbrDz3xIsVNPXuSMV5DPdY82beCWwF3NsArnzDcb4CvGuPoVShi
J/NiJaZ42YmH03S5hg3Rn1PG1AvwYaVoPnCNfCcrrRBqoXC0Qi+sz93OtRQi5mPD
3Q==
-----END PRIVATE KEY-----
)";

inline constexpr std::string_view p256_public = R"(-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEmoa02tkQFPwupLoWIO+XOaBIzxcf
gg5KWyKqJvRcW5tlEdY282a7atrDsxnoS4T79Vjv2C0LSvvCsBg69tmC7A==
-----END PUBLIC KEY-----)";

inline constexpr std::string_view rsa_public = R"(-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAw+yi6/OjxZSIiMXWR7+a
ileGeBQv3+jqYzSrdwVpRhwofi3A5TelGq5ovDJGK19YGHRoJupZ+cyc8yr5n1Lr
iIauNsys5lHIict/hvPGHONQA7Kh3fgkymKtq/RYjJ3jpM9Wm06PVA+Ae9szzQpp
d/AqXxmchvoCpjzqtzxsIetxslJSSoJPTN7gduAhAa/BTZTq3vTC7/oWSxu87M1B
/IcouVzwIKVD1HJUKFAbuoyGIpawg8/l1jSVMRY+a+/5yktaZ8FJC22vDu/YoUWU
jcQ2h/1Xwl3e9WXwLOawAFzfsuru6KTvZAOb2Sokpq/fCNdyICilUClqm1FikPHM
swIDAQAB
-----END PUBLIC KEY-----)";

/// p256 in other clothes: SEC1 behind its parameters, its curve spelled out, under
/// the password "secret", certified.
inline constexpr std::string_view p256_sec1 = R"(-----BEGIN EC PARAMETERS-----
BggqhkjOPQMBBw==
-----END EC PARAMETERS-----
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIKe1iLHi/sHQawPaJscu9yLUd9c7LcPBi0w1C22RBMi6oAoGCCqGSM49
AwEHoUQDQgAEmoa02tkQFPwupLoWIO+XOaBIzxcfgg5KWyKqJvRcW5tlEdY282a7
atrDsxnoS4T79Vjv2C0LSvvCsBg69tmC7A==
-----END EC PRIVATE KEY-----
)";

inline constexpr std::string_view p256_explicit = R"(-----BEGIN EC PRIVATE KEY-----
MIIBaAIBAQQgp7WIseL+wdBrA9omxy73ItR31zstw8GLTDULbZEEyLqggfowgfcC
AQEwLAYHKoZIzj0BAQIhAP////8AAAABAAAAAAAAAAAAAAAA////////////////
MFsEIP////8AAAABAAAAAAAAAAAAAAAA///////////////8BCBaxjXYqjqT57Pr
vVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMVAMSdNgiG5wSTamZ44ROdJreBn36QBEEE
axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54W
K84zV2sxXs7LtkBoN79R9QIhAP////8AAAAA//////////+85vqtpxeehPO5ysL8
YyVRAgEBoUQDQgAEmoa02tkQFPwupLoWIO+XOaBIzxcfgg5KWyKqJvRcW5tlEdY2
82a7atrDsxnoS4T79Vjv2C0LSvvCsBg69tmC7A==
-----END EC PRIVATE KEY-----
)";

inline constexpr std::string_view p256_encrypted = R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhJVSVh+tCsIwICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEECD3rDXkE9sFUtO6/Dg9O2AEgZCr
pZ6vVx9tiv0EJ2x00mkXZkFyKMnGdOO/v3vDb2NNMjc+2yT16uemuEf8Z3Rd6r+f
PjysUQX9DJunHdphq3J26bNLdqWeZUfI34slEfUfM4Y1QYHiuJbbKa2CMjHA/4VP
btAAQZdMT/Mgsp8QGQMsMaQfRr1xHyjfoLy5j+yhnLTUiUr1uZjp0pBmmbwMDPo=
-----END ENCRYPTED PRIVATE KEY-----
)";

/// From 2026-01-01 to 2036-01-01.
inline constexpr std::string_view p256_certificate = R"(-----BEGIN CERTIFICATE-----
MIIBJDCBy6ADAgECAgEBMAoGCCqGSM49BAMCMBwxGjAYBgNVBAMMEWdhdGVob3Vz
ZS5leGFtcGxlMB4XDTI2MDEwMTAwMDAwMFoXDTM2MDEwMTAwMDAwMFowHDEaMBgG
A1UEAwwRZ2F0ZWhvdXNlLmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AASahrTa2RAU/C6kuhYg75c5oEjPFx+CDkpbIqom9Fxbm2UR1jbzZrtq2sOzGehL
hPv1WO/YLQtK+8KwGDr22YLsMAoGCCqGSM49BAMCA0gAMEUCIE4APjHQz0i0gRog
Dh01gq2SWLAQiM3DVeO8HkyN6kBtAiEA4+aTHqqYK+Rvqq3Al20cTSYqjm5P2HCZ
D12Wonchsb4=
-----END CERTIFICATE-----
)";

inline constexpr std::string_view ed25519 = R"(-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINlsCNT9+oy9/yLfECJrWM79PnAPOuHMhRxGw8Vo4qX9
-----END PRIVATE KEY-----
)";

inline constexpr std::string_view rsa_pss_public = R"(-----BEGIN PUBLIC KEY-----
MFowCwYJKoZIhvcNAQEKA0sAMEgCQQDlehbgx9qX81p+B3XI+njfJsicfOzNax5h
omKO2fEZUB/lMS+hVz8as/vvyQR7iUWhpNrfQNXSYqldHHWDyHN9AgMBAAE=
-----END PUBLIC KEY-----
)";

/// A key of 512 bits, as short as it is weak: JWK members of it.
namespace rsa512 {
inline constexpr std::string_view n =
    "mpB_cRIZapERGQkAAFCXO3IKPLnjVTaRDYYqiKtGoDNUbGy2nOk8IBYVqwc7LhF82Aam0Ges8WFWwbaerGHBTw";
inline constexpr std::string_view d =
    "iqjAu4YaKQD1DrmFN8MUuO6IgovchnCKVlCbTbohhMrCsc9pYw9f-vLAR9ZdRi8ey9_9yEdjSQUteYiti48vaQ";
inline constexpr std::string_view p = "yMVkXR4VnA8OtrfhwMQnYYcGlv016lajqylK11zulDU";
inline constexpr std::string_view q = "xRUqGT3tba14RYFajUCRrjP5xXqqzCSSrtGdEYTbJ_M";
inline constexpr std::string_view dp = "CPLLU18o5WjCZiBx_m5_ttgW0hn9EjHEX7eab1jkBVU";
inline constexpr std::string_view dq = "SzywLKC6kkNGBerC4efDdah78srIh1Ry9vAosTZx38c";
inline constexpr std::string_view qi = "IPUqHHvFrlEPc9wr9XShXTal-or8Me3Hsq-C7Zltfd4";
}  // namespace rsa512

}  // namespace gatehouse::test_keys
