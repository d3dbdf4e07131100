#include "apps/gatehouse/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "gatehouse/configuration/faults.h"

namespace gatehouse::program {
namespace {

struct Row {
  std::string_view code, means, rfc, words, status, advice;
};

std::vector<std::string_view> split(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + separator.size();
  }
  return parts;
}

// The rows of its tables: | `code` | means | RFC | in words | status | what to do |
std::vector<Row> rows() {
  std::vector<Row> found;
  for (std::string_view line : split(failures_page, "\n")) {
    if (!line.starts_with("| `") || !line.ends_with(" |")) continue;
    line.remove_prefix(2);
    line.remove_suffix(2);
    const auto cells = split(line, " | ");
    if (cells.size() == 6)
      found.push_back(
          {cells[0].substr(1, cells[0].size() - 2), cells[1], cells[2], cells[3], cells[4], cells[5]});
  }
  return found;
}

// One cause a line: the advice names them with a semicolon or a full stop between.
std::string causes(std::string_view advice) {
  std::string lines;
  for (const std::string_view sentence : split(advice, ". "))
    for (std::string_view cause : split(sentence, "; ")) {
      if (cause.ends_with('.')) cause.remove_suffix(1);
      lines += fmt::format("  {}\n", cause);
    }
  return lines;
}

}  // namespace

ExitCode help(std::string_view code) {
  if (code == "scope_missing")
    code = "forbidden";  // as an explanation calls the forbidden that a scope would mend
  const auto all = rows();
  const auto found = std::ranges::find(all, code, &Row::code);
  if (found == all.end()) {
    std::vector<std::string_view> known;
    for (const Row& row : all) known.push_back(row.code);
    const std::string_view meant = configuration::nearest(code, known);
    throw Stop(misused, fmt::format("there is no failure '{}'{}", printable(code),
                                    meant.empty() ? "; docs/failures.md lists them"
                                                  : fmt::format("; did you mean '{}'?", meant)));
  }
  print(fmt::format("{}: {}{}\n\nUsual causes, most frequent first\n{}\nAnswered with {}; in the log: {}\n",
                    found->code, found->means, found->rfc.empty() ? "" : fmt::format(" ({})", found->rfc),
                    causes(found->advice), found->status, found->words));
  return yes;
}

}  // namespace gatehouse::program
