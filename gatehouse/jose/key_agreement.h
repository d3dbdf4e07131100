/// Key agreement — ECDH-ES (RFC 7518 §4.6, RFC 8037 §3.2); private to this room.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gatehouse/base/json.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/jose/key.h"

namespace gatehouse::jose {

/// The sender's key of one token, from `epk`. Nothing unless it is a public key of `curve`, on the curve.
std::optional<Key> read_ephemeral(const json::Value& header, Curve curve);

/// What both sides compute and nobody else. Nothing for keys of different curves, and where the other's key
/// is of small order: it would be the same for everybody (RFC 7748 §6).
std::optional<Secret> agree(const Key& own, const Key& other);

/// What the two parties are called (`apu`, `apv`), as octets.
struct Parties {
  std::string_view u;
  std::string_view v;
};

/// The key of `octets` for `algorithm`, by the concatenation KDF with SHA-256 (RFC 7518 §4.6.2).
Secret derive(const Secret& agreed, std::string_view algorithm, const Parties& parties, std::size_t octets);

}  // namespace gatehouse::jose
