// What the room does when OpenSSL gets no memory: every one of its allocations fails in turn. An answer may
// then be a refusal or std::bad_alloc, never a yes that was a no, never a crash, and the next call has to
// work again.
#include <openssl/crypto.h>
#include <openssl/err.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <new>
#include <string>
#include <vector>

#include "gatehouse/jose/jwe.h"
#include "gatehouse/jose/jws.h"
#include "gatehouse/jose/key.h"
#include "tests/support/test_keys.h"

namespace gatehouse::jose {
namespace {

// --- OpenSSL's memory

thread_local long allocations_left = -1;  // before one fails; none ever does while it is negative
thread_local bool has_failed = false;

// Where OpenSSL 3.0 itself does not look: it writes through the null pointer, or leaves a prime out of a
// list.
constexpr std::array<std::string_view, 2> spared = {"kdfs/sskdf.c", "crypto/stack/stack.c"};

bool fails(std::string_view file) noexcept {
  if (allocations_left < 0) return false;
  if (std::ranges::any_of(spared, [&](std::string_view name) { return file.ends_with(name); })) return false;
  if (allocations_left-- > 0) return false;
  return has_failed = true;
}

void* allocate(std::size_t size, const char* file, int) { return fails(file) ? nullptr : std::malloc(size); }
void* reallocate(void* old, std::size_t size, const char* file, int) {
  return fails(file) ? nullptr : std::realloc(old, size);
}
void release(void* octets, const char*, int) { std::free(octets); }

// OpenSSL takes other functions only before its first allocation: before other files make their keys.
[[gnu::constructor(101)]] void take_over() { CRYPTO_set_mem_functions(allocate, reallocate, release); }

enum class Answer : std::uint8_t { yes, no, no_memory };

struct Operation {
  std::string name;
  std::function<bool()> run;
  bool expected = true;
};

Answer run_without(const Operation& operation, long allocation, bool& was_reached) {
  allocations_left = allocation;
  has_failed = false;
  Answer answer = Answer::no_memory;
  try {
    answer = operation.run() ? Answer::yes : Answer::no;
  } catch (const std::bad_alloc&) {
    answer = Answer::no_memory;
  }
  was_reached = has_failed;
  allocations_left = -1;
  ERR_clear_error();
  return answer;
}

// --- What is asked

// What is written is all there or not at all.
bool is_whole(bool whole) {
  EXPECT_TRUE(whole) << "something was written, and it is wrong";
  return true;
}

const std::string input = "eyJhbGciOiJub25lIn0.e30";

Key key_of(Algorithm algorithm) {
  switch (traits(algorithm).key_type) {
    case KeyType::oct:
      return Key::symmetric(Secret(std::string(64, 'k')), "k1");
    case KeyType::rsa:
      return Key::from_pem(test_keys::rsa, "k1").value();
    default:
      return Key::generate(algorithm, "k1").value();
  }
}

std::vector<Operation> signatures() {
  std::vector<Operation> operations;
  for (const AlgorithmTraits& row : algorithms()) {
    const Key key = key_of(row.algorithm);
    const std::string name(row.name);
    // A copy of the key has contexts of its own, so that these are prepared anew each time.
    const auto fresh = [key] {
      return key.type() == KeyType::oct ? Key::symmetric(Secret(std::string(64, 'k')))
                                        : Key::from_jwk(key.private_jwk().reveal()).value();
    };
    const std::string good = sign(input, key, row.algorithm).value();
    std::string bad = good;
    bad.back() = static_cast<char>(bad.back() ^ 1);
    operations.push_back({name + " signs", [=] { return sign(input, key, row.algorithm).has_value(); }});
    operations.push_back(
        {name + " verifies", [=] { return verify(input, good, key, row.algorithm).has_value(); }});
    operations.push_back(
        {name + " refuses", [=] { return verify(input, bad, key, row.algorithm).has_value(); }, false});
    operations.push_back({name + " verifies with a key seen never before", [=] {
                            const long left = std::exchange(allocations_left, -1);
                            const Key another = fresh();
                            allocations_left = left;
                            return verify(input, good, another, row.algorithm).has_value();
                          }});
    operations.push_back({name + " signs with a key seen never before", [=] {
                            const long left = std::exchange(allocations_left, -1);
                            const Key another = fresh();
                            allocations_left = left;
                            const auto made = sign(input, another, row.algorithm);
                            allocations_left = -1;
                            return made && is_whole(verify(input, *made, another, row.algorithm).has_value());
                          }});
  }
  return operations;
}

std::vector<Operation> encryptions() {
  std::vector<Operation> operations;
  DecryptionOptions options;
  for (const auto& row : key_managements()) options.valid_algorithms.emplace_back(row.name);
  for (const auto& row : content_encryptions()) options.valid_algorithms.emplace_back(row.name);
  for (const auto& row : key_managements())
    for (const ContentEncryption content : {ContentEncryption::A128CBC_HS256, ContentEncryption::A128GCM}) {
      const std::string name = std::string(row.name) + ' ' + std::string(jose::name(content));
      const Key key = row.mode == KeyManagementMode::direct     ? Key::generate(content, "k1").value()
                      : row.mode == KeyManagementMode::password ? Key::symmetric(Secret("open sesame"), "k1")
                      : row.mode == KeyManagementMode::rsa
                          ? Key::from_pem(test_keys::rsa, "k1").value()
                          : Key::generate(row.algorithm, Curve::p256, "k1").value();
      const std::string good = encrypt("content", key, row.algorithm, content, {.rounds = 1000}).value();
      std::string bad = good;
      bad[bad.size() - 2] = bad[bad.size() - 2] == 'A' ? 'B' : 'A';
      operations.push_back(
          {name + " encrypts", [=] {
             const auto made = encrypt("content", key, row.algorithm, content, {.rounds = 1000});
             allocations_left = -1;
             return made && is_whole(decrypt(parse_jwe(*made).value(), key, options) == "content");
           }});
      operations.push_back(
          {name + " decrypts", [=] { return decrypt(parse_jwe(good).value(), key, options) == "content"; }});
      operations.push_back({name + " refuses",
                            [=] { return decrypt(parse_jwe(bad).value(), key, options).has_value(); },
                            false});
    }
  return operations;
}

std::vector<Operation> readings_and_writings() {
  std::vector<Operation> operations;
  std::vector<std::pair<std::string, Key>> keys = {
      {"RSA", Key::from_pem(test_keys::rsa).value()},
      {"P-256", Key::from_pem(test_keys::p256).value()},
      {"Ed25519", Key::generate(Algorithm::EdDSA).value()},
      {"X448", Key::generate(KeyManagement::ECDH_ES, Curve::x448).value()},
  };
  for (const auto& [name, key] : keys) {
    const std::string private_jwk(key.private_jwk().reveal()), public_jwk = key.public_jwk();
    const std::string private_pem(key.private_pem().reveal()), public_pem = key.public_pem();
    const std::string der(key.private_der().reveal()), thumbprint = key.thumbprint();
    operations.push_back(
        {name + " from a private JWK", [=] { return Key::from_jwk(private_jwk).has_value(); }});
    operations.push_back({name + " from a JWK", [=] { return Key::from_jwk(public_jwk).has_value(); }});
    operations.push_back({name + " from PEM", [=] { return Key::from_pem(private_pem).has_value(); }});
    operations.push_back({name + " from public PEM", [=] { return Key::from_pem(public_pem).has_value(); }});
    operations.push_back({name + " from DER", [=] { return Key::from_der(der).has_value(); }});
    operations.push_back(
        {name + " to a JWK", [=] { return is_whole(key.private_jwk().reveal() == private_jwk); }});
    operations.push_back(
        {name + " to PEM", [=] { return is_whole(key.private_pem().reveal() == private_pem); }});
    operations.push_back({name + " to public PEM", [=] { return is_whole(key.public_pem() == public_pem); }});
    operations.push_back({name + " to DER", [=] { return is_whole(key.private_der().reveal() == der); }});
    operations.push_back({name + " thumbprint", [=] { return is_whole(key.thumbprint() == thumbprint); }});
  }
  std::string off_curve = Key::from_pem(test_keys::p256).value().public_jwk();
  char& digit = off_curve[off_curve.find("\"y\":\"") + 6];
  digit = digit == 'A' ? 'B' : 'A';
  operations.push_back(
      {"a point off its curve", [=] { return Key::from_jwk(off_curve).has_value(); }, false});
  std::string unlike = std::string(Key::from_pem(test_keys::rsa).value().private_jwk().reveal());
  char& of_dq = unlike[unlike.find("\"dq\":\"") + 20];
  of_dq = of_dq == 'A' ? 'B' : 'A';
  operations.push_back(
      {"private numbers of another key", [=] { return Key::from_jwk(unlike).has_value(); }, false});
  operations.push_back(
      {"certificate", [] { return Key::from_pem(test_keys::p256_certificate).has_value(); }});
  operations.push_back({"P-256 made", [] { return Key::generate(Algorithm::ES256).has_value(); }});
  operations.push_back(
      {"Ed448 made", [] { return Key::generate(KeyManagement::ECDH_ES, Curve::x448).has_value(); }});
  return operations;
}

// Half-renewed blinding makes an RSA key fail until OpenSSL renews it whole, which it does every 32 uses.
bool is_as_before(const Operation& operation) {
  for (int uses = 0; uses < 32; ++uses)
    if (operation.run() == operation.expected) return true;
  return false;
}

void run_without_each_allocation(const Operation& operation) {
  SCOPED_TRACE(operation.name);
  ASSERT_EQ(operation.run(), operation.expected);
  bool was_reached = true;
  // Each of the first sixteen; of the rest of a long row some.
  for (long allocation = 0; was_reached; allocation += 1 + allocation / 16) {
    const Answer answer = run_without(operation, allocation, was_reached);
    if (!operation.expected || !was_reached)
      ASSERT_EQ(answer == Answer::yes, operation.expected && !was_reached) << allocation;
    ASSERT_TRUE(is_as_before(operation)) << "after failing allocation " << allocation;
  }
}

TEST(OutOfMemory, VerifiesNothingWrongAndSignsAgainAtOnce) {
  for (const Operation& operation : signatures()) run_without_each_allocation(operation);
}

TEST(OutOfMemory, OpensNothingWrongAndSealsAgainAtOnce) {
  for (const Operation& operation : encryptions()) run_without_each_allocation(operation);
}

TEST(OutOfMemory, ReadsNoWrongKeyAndWritesWholeOnesOrNone) {
  for (const Operation& operation : readings_and_writings()) run_without_each_allocation(operation);
}

}  // namespace
}  // namespace gatehouse::jose
