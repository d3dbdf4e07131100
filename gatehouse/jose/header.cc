#include "gatehouse/jose/header.h"

#include <array>

namespace gatehouse::jose {
namespace {

struct TextMember {
  std::string_view name;
  std::string Header::* field;
};

constexpr std::array<TextMember, 8> text_members = {{{"alg", &Header::alg},
                                                     {"kid", &Header::kid},
                                                     {"typ", &Header::typ},
                                                     {"cty", &Header::cty},
                                                     {"x5t", &Header::x5t},
                                                     {"x5t#S256", &Header::x5t_s256},
                                                     {"enc", &Header::enc},
                                                     {"zip", &Header::zip}}};

}  // namespace

Result<Header> parse_header(std::string_view octets, Leniency leniency) {
  thread_local json::Parser parser;
  GH_TRY(const json::Value root, parser.parse(octets));
  return read_header(root, leniency);
}

Result<Header> read_header(const json::Value& root, Leniency leniency) {
  if (!root.is_object()) return fail(Failure::malformed, "header");

  Header header;
  for (auto member = root.begin(); member != root.end(); ++member) {
    const std::string_view name = member.name();
    // Nothing that could be listed in `crit` is processed here, and what is
    // listed has to be (RFC 7515 §4.1.11).
    if (name == "crit" || name == "b64") return fail(Failure::crit_unsupported, std::string(name));
    if (leniency == Leniency::original && (*member).kind() == json::Kind::null) continue;
    for (const auto& [known, field] : text_members) {
      if (name != known) continue;
      if (!(*member).is_string()) return fail(Failure::malformed, "header." + std::string(name));
      header.*field = (*member).as_string();
    }
    header.has_kid |= name == "kid";
    header.has_typ |= name == "typ";
  }
  if (header.alg.empty() && leniency == Leniency::none) return fail(Failure::malformed, "header.alg");
  if (header.kid.size() > longest_kid) return fail(Failure::too_large, "kid");
  return header;
}

}  // namespace gatehouse::jose
