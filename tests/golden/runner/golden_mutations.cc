// golden_mutations DIR [--seed N] [--count N] [--jsonl FILE] [--only GLOB]
//
// Takes the tokens of the recorded cases of DIR with their configurations, spoils them, validates each, and
// says what became of it. What has to hold: a token is accepted only when it is, character for character, one
// that the original accepted or that a key of the configuration signed here; without a signature only where
// the configuration lets that pass; and nothing throws. The same seed makes the same tokens. With --jsonl
// every verdict is a line {"configuration","mutation","token","verdict","code"}, to be compared with another
// implementation's; "configuration" is the id of the case whose `options` hold. Exit code 0 when all of it
// held, 1 when not, 2 for wrong usage.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>

#include "gatehouse/jose/jwe.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/tokens/validate.h"
#include "tests/golden/runner/golden_options.h"
#include "tests/golden/runner/mutations.h"
#include "tests/support/glob.h"

namespace gatehouse::golden {
namespace {

/// A case with one scheme and no authority: its keys and rules are all there is.
struct Configuration {
  std::string id;
  Instant now;
  std::vector<std::string> tokens;
  bool was_accepted = false;  // by the original
  bool is_hostile = true;     // we refuse a token as it stands in the case
  Json options;
  std::unique_ptr<const tokens::TokenValidator> validator = {};  // made when first drawn
  Material material = {};
};

std::vector<std::string> tokens_of(const Json& request) {
  std::vector<std::string> found;
  for (const Json& header : request.at("headers"))
    if (const std::string value = header.at(1);
        header.at(0) == "Authorization" && value.starts_with("Bearer "))
      found.push_back(value.substr(7));
  return found;
}

std::vector<Configuration> read_configurations(const std::string& directory, const std::string& only) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    if (entry.path().filename().string().starts_with("cases-")) files.push_back(entry.path());
  std::ranges::sort(files);
  std::vector<Configuration> found;
  for (const auto& path : files) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
      const Json one = Json::parse(line);
      const Json& options = one.at("options");
      const bool has_cache =
          options.contains("parameters") && options.at("parameters").contains("TokenReplayCache");
      if (options.contains("schemes") || options.contains("metadata") || one.contains("steps") || has_cache)
        continue;
      const Json& expect = one.at("expect");
      Configuration configuration{
          .id = one.at("id"),
          .now = parse_instant(one.at("now").get<std::string>()).value(),
          .tokens = tokens_of(one.at("request")),
          .was_accepted = expect.contains("authenticate") && expect.at("authenticate") == "success",
          .options = options};
      if (!configuration.tokens.empty() && matches(only, configuration.id))
        found.push_back(std::move(configuration));
    }
  }
  return found;
}

/// The private halves of the ring's keys, read once: a private RSA key is checked by signing with it.
class Secrets {
 public:
  Secrets(const std::string& directory, const KeyRing& ring) : ring_(ring) {
    std::ifstream file(directory + "/keys.json");
    const Json document = Json::parse(file);
    for (const auto& [name, jwk] : document.at("keys").items())
      if (!name.starts_with("rsa-768") && !name.starts_with("cert-")) names_.push_back(name);
  }

  const jose::Key& of(const std::string& name) {
    const auto at = known_.find(name);
    return at != known_.end() ? at->second : known_.emplace(name, ring_.decrypting(Json(name))).first->second;
  }
  const std::vector<std::string>& names() const noexcept { return names_; }

 private:
  const KeyRing& ring_;
  std::vector<std::string> names_;
  std::map<std::string, jose::Key, std::less<>> known_;
};

std::string name_of(const Json& entry) { return entry.is_string() ? entry : entry.at("key"); }

std::vector<std::string> names_in(const Json& options, const char* one, const char* many) {
  std::vector<std::string> names;
  if (options.contains(one)) names.push_back(name_of(options.at(one)));
  if (options.contains(many))
    for (const Json& entry : options.at(many)) names.push_back(name_of(entry));
  return names;
}

Material material_of(const Json& options, Secrets& secrets) {
  Material material;
  const auto known = names_in(options, "single_key", "keys");
  for (const std::string& name : known) {
    if (std::ranges::find(secrets.names(), name) == secrets.names().end()) continue;
    const jose::Key& key = secrets.of(name);
    material.signers.push_back(key);
    for (const std::string& text : {key.public_pem(), key.public_der(), key.public_jwk()})
      if (!text.empty()) material.known_to_all.push_back(text);
  }
  for (const char* name : {"hs-256-b", "rsa-2048-b", "ec-256-b", "hs-512"})
    if (std::ranges::find(known, name) == known.end()) material.strangers.push_back(secrets.of(name));
  for (const std::string& name : names_in(options, "single_decryption_key", "decryption_keys"))
    material.receivers.push_back(secrets.of(name));
  return material;
}

class Run {
 public:
  Run(const std::string& directory, const std::string& only, std::uint64_t seed)
      : ring_(KeyRing::read(directory + "/keys.json")),
        secrets_(directory, ring_),
        configurations_(read_configurations(directory, only)),
        random_(seed),
        mutator_(random_, tokens_, genuine_) {
    for (const Configuration& one : configurations_) {
      tokens_.insert(tokens_.end(), one.tokens.begin(), one.tokens.end());
      if (one.was_accepted) genuine_.insert(one.tokens.begin(), one.tokens.end());
    }
    if (configurations_.empty()) throw std::runtime_error("no case with a token in " + directory);
  }

  void next(std::ostream* lines);
  bool report() const;

 private:
  bool prepare(Configuration& configuration);
  void judge(const Configuration& configuration, const Mutator::Mutant& mutant, std::ostream* lines);
  bool is_earned(const tokens::Token& accepted, const Configuration& configuration,
                 const std::string& text) const;

  KeyRing ring_;
  Secrets secrets_;
  std::vector<Configuration> configurations_;
  std::vector<std::string> tokens_;
  std::set<std::string> genuine_;
  Random random_;
  Mutator mutator_;
  std::map<std::string, std::size_t, std::less<>> codes_;
  std::map<std::string_view, std::pair<std::size_t, std::size_t>> mutations_;  // tried, accepted
  std::size_t broken_ = 0;
};

bool Run::prepare(Configuration& configuration) {
  if (configuration.validator) return true;
  const auto options = read_options(configuration.options, ring_);
  auto parameters = options.token_validation_parameters;
  if (parameters.valid_audience.empty()) parameters.valid_audience = options.audience;
  auto made = tokens::TokenValidator::make(std::move(parameters));
  if (!made) return false;  // the host would not start
  configuration.validator = std::make_unique<const tokens::TokenValidator>(*std::move(made));
  configuration.material = material_of(configuration.options, secrets_);
  configuration.is_hostile = !std::ranges::all_of(configuration.tokens, [&](const std::string& token) {
    return configuration.validator->validate(token, configuration.now).has_value();
  });
  return true;
}

void Run::next(std::ostream* lines) {
  Configuration& configuration = configurations_[random_.below(configurations_.size())];
  if (!prepare(configuration)) return next(lines);
  judge(configuration, mutator_.mutate(random_.one_of(configuration.tokens), configuration.material), lines);
}

// Whether a known key signed the text, or what is encrypted in it.
bool is_signed(std::string_view text, const Material& material) {
  if (const auto jwe = jose::parse_jwe(text))
    return std::ranges::any_of(material.receivers, [&](const jose::Key& key) {
      const auto inner = jose::decrypt(*jwe, key);
      return inner && is_signed(*inner, material);
    });
  const auto jws = jose::parse_jws(text, jose::Leniency::original);
  const auto algorithm = jws ? jws->header->algorithm() : std::nullopt;
  return algorithm && std::ranges::any_of(material.signers, [&](const jose::Key& key) {
           return jose::verify(jws->signing_input, jws->signature, key, *algorithm).has_value();
         });
}

// An unsigned token passes only where that was asked for, and only as what it says it is. Of a case that
// spoiled a token itself, a mutation may happen to mend it: then it has to be signed.
bool Run::is_earned(const tokens::Token& accepted, const Configuration& configuration,
                    const std::string& text) const {
  const tokens::TokenValidationParameters& parameters = configuration.validator->parameters();
  if (!accepted.signing_key) return !parameters.require_signed_tokens && accepted.header->alg == "none";
  if (genuine_.contains(text)) return true;
  return configuration.is_hostile && is_signed(text, configuration.material);
}

void Run::judge(const Configuration& configuration, const Mutator::Mutant& mutant, std::ostream* lines) {
  std::string code = "threw";
  bool accepted = false, holds = false;
  try {
    const auto token = configuration.validator->validate(mutant.token, configuration.now);
    accepted = token.has_value();
    code = accepted ? "accepted" : gatehouse::code(token.error().kind);
    const bool unchanged =
        std::ranges::find(configuration.tokens, mutant.token) != configuration.tokens.end();
    holds = !accepted || unchanged || is_earned(*token, configuration, mutant.token);
  } catch (const std::exception& error) {
    code = std::string("threw ") + error.what();
  }
  ++codes_[code];
  auto& [tried, passed] = mutations_[mutant.name];
  ++tried;
  passed += accepted ? 1 : 0;
  if (lines)
    *lines << Json{{"configuration", configuration.id},
                   {"mutation", mutant.name},
                   {"token", mutant.token},
                   {"verdict", accepted ? "accepted" : "refused"},
                   {"code", accepted ? "" : code}}
                  .dump(-1, ' ', true, Json::error_handler_t::replace)
           << '\n';
  if (holds) return;
  ++broken_;
  fmt::print("BROKEN {} by {}: {}\n    {}\n", configuration.id, mutant.name, code, mutant.token);
}

bool Run::report() const {
  std::size_t all = 0;
  for (const auto& [name, counts] : mutations_) {
    fmt::print("{:<20} {:>7} tokens, {:>6} accepted\n", name, counts.first, counts.second);
    all += counts.first;
  }
  for (const auto& [code, count] : codes_) fmt::print("{:<20} {:>7}\n", code, count);
  fmt::print("{} tokens under {} configurations, {} broken\n", all, configurations_.size(), broken_);
  return broken_ == 0;
}

int run(int argc, char** argv) {
  std::string directory, jsonl, only = "*";
  std::uint64_t seed = 1;
  std::size_t count = 5000;
  CLI::App app("Spoils the tokens of a golden corpus, and judges them");
  app.add_option("DIR", directory, "folder with keys.json and cases-*.jsonl")
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("--seed", seed, "which tokens are made");
  app.add_option("--count", count, "how many");
  app.add_option("--jsonl", jsonl, "where to write each verdict");
  app.add_option("--only", only, "glob of case ids, such as 'jwe/*'");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  std::ofstream lines;
  if (!jsonl.empty()) lines.open(jsonl);
  if (!jsonl.empty() && !lines) throw std::runtime_error("cannot write " + jsonl);
  Run all(directory, only, seed);
  for (std::size_t i = 0; i < count; ++i) all.next(jsonl.empty() ? nullptr : &lines);
  return all.report() ? 0 : 1;
}

}  // namespace
}  // namespace gatehouse::golden

int main(int argc, char** argv) try {
  return gatehouse::golden::run(argc, argv);
} catch (const std::exception& error) {
  std::cerr << "golden_mutations: " << error.what() << '\n';
  return 2;
}
