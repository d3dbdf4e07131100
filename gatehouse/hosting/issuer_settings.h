/// IssuerSettings — the section `Issuer:` of a program that is an issuer.
///
/// | setting | meaning |
/// |---|---|
/// | Url | `iss` of its tokens and the address it is reached at; required |
/// | Store | the SQLite file that everything is kept in; "memory" in Development alone; required |
/// | WrappingKeys | a list of "file:PATH", "env:NAME", "credential:NAME"; the first seals; required |
/// | AdminSocket | path of the socket that operators' commands come by; none unless said |
/// | DefaultClient | whose users those are that log in without a client_id |
/// | TrustedProxies | a list of addresses and networks: "10.0.0.0/8" |
/// | Algorithms | a list; ES256 unless said; the first is the usual one |
/// | AccessTokenLifetime | a duration from 60s to Keys:LongestToken; 10m unless said |
/// | Keys:Active, Announce, Retain, Poll, LongestToken, MaxAge, Refresh, ClockSkew | as KeyRingOptions |
/// | Keys:Pkcs11 | a list of URIs of signing keys that are on a token, as TokenKeyOptions |
/// | Sessions:Grace, GraceMaxUses, RecoveryTime | as RotationOptions |
/// | Login:Slots | hashes at a time, each 19 MiB; a quarter of the processors unless said |
/// | Login:Blocklist, ShortestPassword, ContextWords | as PasswordPolicyOptions |
/// | External | a list of issuers whose users may log in, each with Name, Authority, Audience;
/// MetadataAddress, RequireHttpsMetadata, Kind (id_token, access_token), AuthorizedParties, EmailDomains,
/// CreatesUsers, NewUserRoles, NewUserScopes, MaxAge as ExternalIssuer | | Login:Peppers | a list of
/// "ID=file:PATH", as WrappingKeys; new hashes have the first |
#pragma once

#include <string>
#include <vector>

#include "gatehouse/configuration/configuration.h"
#include "gatehouse/configuration/environment.h"
#include "gatehouse/configuration/faults.h"
#include "gatehouse/issuer/authorization_server.h"
#include "gatehouse/issuer/login.h"
#include "gatehouse/issuer/password_policy.h"

namespace gatehouse::hosting {

struct IssuerSettings {
  std::string store;  ///< "memory", or a path
  std::string admin_socket;
  std::vector<Secret> wrapping_keys;
  issuer::AuthorizationServerOptions server;
  issuer::LoginOptions login;
  issuer::PasswordPolicyOptions passwords;
};

/// Every fault of the section joins `faults`: what is missing, unknown or unreadable. What only the issuer
/// can judge, as the inequalities of its key ring, stops AuthorizationServer::open.
/// `server.external.validate` is left to who has a backchannel.
IssuerSettings read_issuer_settings(const configuration::Configuration& configuration,
                                    const configuration::Environment& environment,
                                    configuration::Faults& faults);

}  // namespace gatehouse::hosting
