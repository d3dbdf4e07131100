/// Mutations — ways to spoil a token: one for every draw, and the same draws for the same seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/jose/key.h"
#include "tests/golden/runner/golden_options.h"

namespace gatehouse::golden {

/// Draws that are the same everywhere for one seed. Makes OpenSSL draw from it as well, for as long as it
/// lives: the nonces of ECDSA and the salts of PSS are then the same, too.
class Random {
 public:
  explicit Random(std::uint64_t seed);
  ~Random();
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;

  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(generator_()) % bound; }
  template <class List>
  const auto& one_of(const List& list) {
    return list[below(std::size(list))];
  }
  void fill(unsigned char* octets, std::size_t count);

 private:
  std::mt19937_64 generator_;
};

/// What the mutations of one case's tokens may draw from.
struct Material {
  std::vector<jose::Key> signers;           ///< the private halves of the keys that the case knows
  std::vector<jose::Key> strangers;         ///< keys that it does not know
  std::vector<jose::Key> receivers;         ///< its decryption keys
  std::vector<std::string> known_to_all{};  ///< its public keys as text, which forgers take for secrets
};

class Mutator {
 public:
  /// `tokens` are those of the corpus; what a known key signs here is put into `genuine`.
  Mutator(Random& random, const std::vector<std::string>& tokens, std::set<std::string>& genuine)
      : random_(random), tokens_(tokens), genuine_(genuine) {}

  struct Mutant {
    std::string_view name;
    std::string token;
  };
  Mutant mutate(const std::string& token, const Material& material);

 private:
  std::string spoil_text(std::string text, std::string_view& name);
  std::string spoil_segment(std::string text, std::string_view& name);
  std::string spoil_order(const std::string& text, std::string_view& name);
  std::string edit(const std::string& text, const Material& material, std::string_view& name);
  std::string rewrap(const std::string& text, const Material& material, std::string_view& name);
  std::string edited(const std::string& octets, bool is_header);
  std::string sign(const std::string& header, const std::string& payload, const std::vector<jose::Key>& keys,
                   bool is_genuine);
  std::string sign_with_public_text(const std::string& header, const std::string& payload,
                                    const Material& material);

  Random& random_;
  const std::vector<std::string>& tokens_;
  std::set<std::string>& genuine_;
};

}  // namespace gatehouse::golden
