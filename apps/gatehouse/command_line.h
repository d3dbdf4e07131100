/// Command line — what all subcommands share: how they read tokens, speak, and end.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::program {

enum ExitCode : int { yes = 0, no = 1, misused = 2, undecided = 3 };

/// Ends the program with a sentence on standard error.
class Stop : public std::exception {
 public:
  Stop(ExitCode code, std::string sentence) : code_(code), sentence_(std::move(sentence)) {}
  const char* what() const noexcept override { return sentence_.c_str(); }
  ExitCode code() const noexcept { return code_; }

 private:
  ExitCode code_;
  std::string sentence_;
};

/// The token in `file`, or on standard input when that is empty; without "Bearer " before it and line ends
/// behind it. Stops as misused when there is none, or nobody is there to send one: it never waits for a
/// person to type.
std::string read_token(const std::string& file, std::string_view command);

/// The one line of a password, a hash or another secret in `file`, or on standard input when that is empty;
/// without the line end. Stops as read_token does; `what` names it.
std::string read_secret(const std::string& file, std::string_view what, std::string_view command);

bool looks_like_a_token(std::string_view word);

/// Stops for the words that no subcommand asked for. A token among them is refused with the way to hand it
/// over, and is not repeated.
void refuse_further(const std::vector<std::string>& words, std::string_view command,
                    const std::vector<std::string_view>& known);

/// `text` without what moves a terminal's cursor or turns its line around: such characters become \uXXXX,
/// which is right in JSON too.
std::string printable(std::string_view text);

/// "auto", "always" or "never", as --color says; NO_COLOR and TERM=dumb turn "auto" off.
bool wants_color(std::string_view choice);

/// Writes to standard output; stops as undecided when that fails, so that a full disk is no "yes".
void print(std::string_view text);

}  // namespace gatehouse::program
