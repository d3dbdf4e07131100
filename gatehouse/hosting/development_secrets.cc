#include "gatehouse/hosting/development_secrets.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "gatehouse/base/json.h"
#include "gatehouse/base/private_file.h"
#include "gatehouse/base/random.h"

namespace gatehouse::hosting {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> refused(const std::string& path, std::string_view why) {
  return fail(Failure::configuration_invalid, fmt::format("{}: {}", path, why));
}

Result<std::string> with_signing_key(const std::string& path) {
  std::ostringstream existing;
  if (std::ifstream file(path); file) existing << file.rdbuf();
  const std::string text = existing.str().empty() ? "{}" : std::move(existing).str();
  json::Parser parser;
  const auto root = parser.parse(text);
  if (!root || !root->is_object()) return refused(path, "is no JSON object; mend or remove it");
  json::Writer writer;
  writer.begin_object();
  for (auto member = root->begin(); member != root->end(); ++member)
    writer.name(member.name()).raw((*member).dump());
  writer.member("Jwt:SigningKey", random_text(48)).end_object();
  return std::move(writer).take() + "\n";
}

fs::path home_folder(const char* variable, const char* below_home) {
  // NOLINTBEGIN(concurrency-mt-unsafe): before any thread starts
  if (const char* root = std::getenv(variable); root && *root) return root;
  const char* home = std::getenv("HOME");
  // NOLINTEND(concurrency-mt-unsafe)
  return home && *home ? fs::path(home) / below_home : fs::path();
}

}  // namespace

Result<std::string> make_development_signing_key(const std::string& path) {
  if (path.empty())
    return fail(Failure::configuration_invalid,
                "neither XDG_CONFIG_HOME nor HOME is set; set Jwt__SigningKey");
  GH_CHECK(make_private_folder(fs::path(path).parent_path().string()));
  GH_TRY(const std::string text, with_signing_key(path));
  GH_CHECK(write_private_file(path, text));
  return path;
}

Result<std::string> development_state_directory(const std::string& name) {
  const fs::path root = home_folder("XDG_STATE_HOME", ".local/state");
  if (root.empty()) return fail(Failure::configuration_invalid, "neither XDG_STATE_HOME nor HOME is set");
  const fs::path folder = root / "gatehouse" / name;
  GH_CHECK(make_private_folder(folder.string()));
  return folder.string();
}

}  // namespace gatehouse::hosting
