// timing [--samples N] [--only NAME]
//
// Does the time of a refusal tell what was wrong? Each row refuses inputs of two classes, drawn at random one
// by one, and asks whether the times of the two are of one distribution (Reparaz, Balasch, Verbauwhede:
// "Dude, is my code constant time?", 2017): Welch's t of the times, also of those below each of several
// percentiles, as what interrupts a call makes it slow. The largest |t| counts; below 10 nothing was found.
// The first row is a comparison that stops at the first difference: it has to be found, or this machine can
// tell nothing. Exit code 0 when each row is as it should be, 1 when not, 2 for wrong usage.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <ctime>
#include <functional>
#include <iostream>
#include <random>

#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/jwe.h"
#include "gatehouse/jose/jws.h"
#include "tests/support/test_keys.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace gatehouse {
namespace {

constexpr double limit = 10;

// Cycles where the processor counts them for everybody, nanoseconds of this thread elsewhere.
std::uint64_t now() {
#if defined(__x86_64__)
  _mm_mfence();
  _mm_lfence();
  const std::uint64_t cycles = __rdtsc();
  _mm_lfence();
  return cycles;
#else
  std::timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(time.tv_nsec);
#endif
}

struct Sample {
  std::uint64_t time;
  bool second;
};

double welch(const std::vector<Sample>& samples, std::uint64_t most) {
  std::array<double, 2> count{}, mean{}, squares{};
  for (const auto& [time, second] : samples) {
    if (time > most) continue;
    const double distance = static_cast<double>(time) - mean[second];
    mean[second] += distance / ++count[second];
    squares[second] += distance * (static_cast<double>(time) - mean[second]);
  }
  if (count[0] < 2 || count[1] < 2) return 0;
  const double error =
      std::sqrt(squares[0] / (count[0] - 1) / count[0] + squares[1] / (count[1] - 1) / count[1]);
  return error == 0 ? 0 : (mean[0] - mean[1]) / error;
}

double largest_t(const std::vector<Sample>& samples) {
  std::vector<std::uint64_t> times;
  for (const Sample& sample : samples) times.push_back(sample.time);
  std::ranges::sort(times);
  double largest = 0;
  for (const double part : {0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0}) {
    const auto at = static_cast<std::size_t>(part * static_cast<double>(times.size() - 1));
    largest = std::max(largest, std::abs(welch(samples, times[at])));
  }
  return largest;
}

/// One row: what is put before the call, by class and outside of the measured time, and the call itself,
/// which has to refuse.
struct Row {
  std::string_view name;
  std::size_t samples;  // at --samples 100
  std::function<void(bool second)> place;
  std::function<bool()> accepts;
  bool leaks = false;
};

// The same stores into the same place whatever the class, so that no cache and no store buffer tells them
// apart.
void place_octets(std::string& at, const std::array<std::string, 2>& choices, bool second) {
  std::memcpy(at.data(), choices[second ? 1 : 0].data(), at.size());
}

std::array<std::string, 2> wrong_first_and_last(const std::string& tag) {
  std::array<std::string, 2> wrong{tag, tag};
  wrong[0].front() = static_cast<char>(wrong[0].front() ^ 1);
  wrong[1].back() = static_cast<char>(wrong[1].back() ^ 1);
  return wrong;
}

[[gnu::noinline]] bool equal_until_it_is_not(const volatile char* a, const volatile char* b,
                                             std::size_t size) {
  for (std::size_t i = 0; i < size; ++i)
    if (a[i] != b[i]) return false;
  return true;
}

const std::string tag = "the octets of a tag, of 32 here.";

Row leaky_comparison() {
  static std::string given = tag;
  return {.name = "a comparison that stops early",
          .samples = 200'000,
          .place = [wrong = wrong_first_and_last(tag)](bool second) { place_octets(given, wrong, second); },
          .accepts = [] { return equal_until_it_is_not(given.data(), tag.data(), tag.size()); },
          .leaks = true};
}

Row comparison() {
  static std::string given = tag;
  return {.name = "equal_in_constant_time",
          .samples = 200'000,
          .place = [wrong = wrong_first_and_last(tag)](bool second) { place_octets(given, wrong, second); },
          .accepts = [] { return equal_in_constant_time(given, tag); }};
}

Row signature(std::string_view name, jose::Algorithm algorithm) {
  static const jose::Key key =
      jose::Key::symmetric(Secret("Wm5vQ2xT8sKd4fGh7jLpZr1yBn6cXa3eUi9oRt0wMq2kHv5gNb8dSj4zFx7lPc1u"), "k");
  const auto input = std::make_shared<const std::string>(300, 'x');
  const auto given = std::make_shared<std::string>(jose::sign(*input, key, algorithm).value());
  return {.name = name,
          .samples = 200'000,
          .place = [given, wrong = wrong_first_and_last(*given)](
                       bool second) { place_octets(*given, wrong, second); },
          .accepts = [=] { return jose::verify(*input, *given, key, algorithm).has_value(); }};
}

/// An encrypted token whose parts change in place.
struct Encrypted {
  std::string text;
  jose::Jwe jwe;
  jose::Key key;
  jose::DecryptionOptions options;

  bool opens() const { return jose::decrypt(jwe, key, options).has_value(); }
};

std::shared_ptr<Encrypted> encrypted(const jose::Key& key, jose::KeyManagement management,
                                     jose::ContentEncryption content) {
  auto made = std::make_shared<Encrypted>(
      Encrypted{.text = jose::encrypt(std::string(300, 'x'), key, management, content).value(),
                .jwe = {},
                .key = key,
                .options = {.valid_algorithms = {std::string(jose::name(management)),
                                                 std::string(jose::name(content))}}});
  made->jwe = jose::parse_jwe(made->text).value();
  if (!made->opens()) throw std::runtime_error("a token of our own does not open");
  return made;
}

jose::Key direct_key(jose::ContentEncryption content) { return jose::Key::generate(content).value(); }

Row content_tag(std::string_view name, jose::ContentEncryption content) {
  const auto token = encrypted(direct_key(content), jose::KeyManagement::dir, content);
  return {.name = name,
          .samples = 100'000,
          .place = [token, wrong = wrong_first_and_last(token->jwe.tag)](
                       bool second) { place_octets(token->jwe.tag, wrong, second); },
          .accepts = [token] { return token->opens(); }};
}

// CBC's oracle: the tag is wrong in both, and in one of them so is the padding that would come out.
Row padding(std::string_view name, jose::ContentEncryption content) {
  const auto token = encrypted(direct_key(content), jose::KeyManagement::dir, content);
  token->jwe.tag = wrong_first_and_last(token->jwe.tag)[0];
  std::array<std::string, 2> ciphertexts{token->jwe.ciphertext, token->jwe.ciphertext};
  char& last_but_one_block = ciphertexts[1][ciphertexts[1].size() - 17];
  last_but_one_block = static_cast<char>(last_but_one_block ^ 0x55);
  return {.name = name,
          .samples = 100'000,
          .place = [token,
                    ciphertexts](bool second) { place_octets(token->jwe.ciphertext, ciphertexts, second); },
          .accepts = [token] { return token->opens(); }};
}

// Bleichenbacher's oracle: a content key that comes out, and one that does not; the tag is wrong in both.
Row encrypted_key(std::string_view name, jose::KeyManagement management) {
  const auto token = encrypted(jose::Key::from_pem(test_keys::rsa).value(), management,
                               jose::ContentEncryption::A128CBC_HS256);
  token->jwe.tag = wrong_first_and_last(token->jwe.tag)[0];
  const auto good = token->jwe.encrypted_key;
  return {.name = name,
          .samples = 10'000,
          .place = [token, wrong = std::array{good, wrong_first_and_last(good)[1]}](
                       bool second) { place_octets(token->jwe.encrypted_key, wrong, second); },
          .accepts = [token] { return token->opens(); }};
}

std::vector<Row> rows() {
  using enum jose::ContentEncryption;
  return {leaky_comparison(),
          comparison(),
          signature("HS256, tag", jose::Algorithm::HS256),
          signature("HS512, tag", jose::Algorithm::HS512),
          content_tag("A128CBC-HS256, tag", A128CBC_HS256),
          content_tag("A256CBC-HS512, tag", A256CBC_HS512),
          content_tag("A256GCM, tag", A256GCM),
          padding("A128CBC-HS256, padding or tag", A128CBC_HS256),
          padding("A256CBC-HS512, padding or tag", A256CBC_HS512),
          encrypted_key("RSA-OAEP, key or tag", jose::KeyManagement::RSA_OAEP),
          encrypted_key("RSA1_5, key or tag", jose::KeyManagement::RSA1_5)};
}

std::vector<Sample> measure(const Row& row, std::size_t count) {
  std::mt19937_64 draw(20260601);
  std::vector<Sample> samples;
  samples.reserve(count);
  const std::size_t warming = count / 20;
  for (std::size_t i = 0; i < count + warming; ++i) {
    const bool second = (draw() & 1) != 0;
    row.place(second);
    const std::uint64_t before = now();
    const bool accepted = row.accepts();
    const std::uint64_t after = now();
    if (accepted) throw std::runtime_error(fmt::format("{}: accepted", row.name));
    if (i >= warming) samples.push_back({.time = after - before, .second = second});
  }
  return samples;
}

int run(int argc, char** argv) {
  std::size_t percent = 100;
  std::string only;
  CLI::App app("Whether the time of a refusal tells what was wrong");
  app.add_option("--samples", percent, "in per cent of the usual ones")->check(CLI::Range(1, 10'000));
  app.add_option("--only", only, "rows whose name begins so");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  bool all_hold = true;
  fmt::print("{:<32} {:>9} {:>9}\n", "refused", "samples", "|t|");
  for (const Row& row : rows()) {
    if (!row.name.starts_with(only)) continue;
    const std::size_t count = std::max<std::size_t>(row.samples * percent / 100, 100);
    const double t = largest_t(measure(row, count));
    const bool holds = (t > limit) == row.leaks;
    all_hold = all_hold && holds;
    fmt::print("{:<32} {:>9} {:>9.1f}  {}{}\n", row.name, count, t, t > limit ? "tells" : "tells nothing",
               holds ? row.leaks ? ", as it has to" : "" : "  FAILED");
    std::fflush(stdout);
  }
  return all_hold ? 0 : 1;
}

}  // namespace
}  // namespace gatehouse

int main(int argc, char** argv) try {
  return gatehouse::run(argc, argv);
} catch (const std::exception& error) {
  std::cerr << "timing: " << error.what() << '\n';
  return 2;
}
