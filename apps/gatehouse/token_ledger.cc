#include "apps/gatehouse/token_ledger.h"

#include <algorithm>
#include <array>
#include <utility>

#include "apps/gatehouse/command_line.h"
#include "gatehouse/base/json.h"
#include "gatehouse/base/private_file.h"
#include "gatehouse/hosting/development_secrets.h"

namespace gatehouse::program {
namespace {

constexpr std::array members{std::pair{"id", &MadeToken::id},
                             std::pair{"subject", &MadeToken::subject},
                             std::pair{"audience", &MadeToken::audience},
                             std::pair{"scope", &MadeToken::scope},
                             std::pair{"expires", &MadeToken::expires},
                             std::pair{"origin", &MadeToken::origin}};

std::vector<MadeToken> read(std::string_view text) {
  json::Parser parser;
  const auto root = parser.parse(text);
  const auto list = root && root->is_object() ? root->find("tokens") : std::nullopt;
  std::vector<MadeToken> tokens;
  if (!list || !list->is_array()) return tokens;
  for (const json::Value one : *list) {
    MadeToken token;
    for (const auto& [name, member] : members) token.*member = one.find_string(name).value_or("");
    tokens.push_back(std::move(token));
  }
  return tokens;
}

}  // namespace

std::string to_json(const std::vector<MadeToken>& tokens) {
  json::Writer writer;
  writer.begin_object().name("tokens").begin_array();
  for (const MadeToken& token : tokens) {
    writer.begin_object();
    for (const auto& [name, member] : members) writer.member(name, token.*member);
    writer.end_object();
  }
  return std::move(writer.end_array().end_object()).take();
}

TokenLedger::TokenLedger(Instant now) {
  const auto folder = hosting::development_state_directory("program");
  if (!folder) throw Stop(misused, folder.error().subject);
  path_ = *folder + "/tokens.json";
  const auto text = read_private_file(path_);
  if (!text && text.error().kind != Failure::not_found) throw Stop(misused, describe(text.error()));
  if (!text) return;
  tokens_ = read(*text);
  std::erase_if(tokens_, [now](const MadeToken& token) {
    const auto end = parse_instant(token.expires);
    return !end || *end <= now;
  });
}

const MadeToken* TokenLedger::find(std::string_view id) const {
  const auto found = std::ranges::find(tokens_, id, &MadeToken::id);
  return found == tokens_.end() ? nullptr : &*found;
}

void TokenLedger::add(MadeToken token) {
  tokens_.push_back(std::move(token));
  write();
}

void TokenLedger::remove(std::string_view id) {
  std::erase_if(tokens_, [id](const MadeToken& token) { return token.id == id; });
  write();
}

void TokenLedger::write() const {
  if (const auto written = write_private_file(path_, to_json(tokens_)); !written)
    throw Stop(undecided, describe(written.error()));
}

}  // namespace gatehouse::program
