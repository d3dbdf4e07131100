#include "gatehouse/discovery/configuration_manager.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "tests/support/fake_backchannel.h"
#include "tests/support/named_keys.h"

namespace gatehouse::discovery {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using test_support::FakeBackchannel;
using test_support::key_named;
using testing::FakeClock;

const std::string root = "https://issuer.example";
const std::string document_url = root + "/.well-known/openid-configuration";
const std::string keys_url = root + "/jwks";

std::string set_of(const std::vector<std::string>& kids) {
  std::vector<jose::Key> keys;
  for (const std::string& kid : kids) keys.push_back(key_named(kid));
  return jose::KeySet(std::move(keys)).public_jwks();
}

// A manager with the world around it.
struct World {
  explicit World(AuthorityOptions options = {.authority = root}) {
    auto made = ConfigurationManager::make(std::move(options), backchannel, clock);
    EXPECT_TRUE(made) << made.error().subject;
    manager = *made;
    manager->jitter = [] { return 0.0; };
    manager->on_event = [this](const ConfigurationEvent& event) { events.push_back(event); };
    publish({"k1"});
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() {  // what waits for an answer gets one, as it holds the manager
    backchannel->holds = false;
    backchannel->release();
  }

  void publish(const std::vector<std::string>& kids, const std::string& etag = {}) {
    backchannel->publish(root, set_of(kids), etag);
  }

  Instant now() const { return clock->now(); }

  std::optional<Lookup> wait_for_keys() { return run_inline(manager->wait_for_keys(now(), true)); }
  std::optional<Lookup> look_for(const std::string& kid) {
    return run_inline(manager->look_for(kid, manager->current(), now(), true));
  }

  std::vector<std::string> kids() const {
    std::vector<std::string> all;
    if (const auto current = manager->current())
      for (const jose::Key& key : current->keys.keys()) all.push_back(key.kid());
    return all;
  }

  std::size_t fetches_since(std::size_t& seen) const {
    return backchannel->fetched.size() - std::exchange(seen, backchannel->fetched.size());
  }

  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  std::shared_ptr<FakeBackchannel> backchannel = std::make_shared<FakeBackchannel>(*clock);
  std::shared_ptr<ConfigurationManager> manager;
  std::vector<ConfigurationEvent> events;
};

using Kids = std::vector<std::string>;

// --- Options

struct BadOptions {
  const char* name;
  AuthorityOptions options;
  const char* why;
};

class WrongAuthority : public ::testing::TestWithParam<BadOptions> {};

TEST_P(WrongAuthority, StopsTheStart) {
  const auto clock = std::make_shared<FakeClock>();
  const auto made =
      ConfigurationManager::make(GetParam().options, std::make_shared<FakeBackchannel>(*clock), clock);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, Failure::configuration_invalid);
  EXPECT_TRUE(made.error().subject.contains(GetParam().why)) << made.error().subject;
}

const std::vector<BadOptions> bad_options = {
    {"Nothing", {}, "there is no authority"},
    {"NoUrl", {.authority = "issuer.example"}, "authority 'issuer.example' is no address"},
    {"Http", {.authority = "http://issuer.example"}, "is not https"},
    {"HttpDocument",
     {.authority = root, .metadata_address = "http://issuer.example/meta"},
     "metadata_address"},
    {"Query", {.authority = root + "/?a=b"}, "has a query"},
    {"FetchBasePath",
     {.authority = root, .fetch_base = "https://keycloak:8443/auth"},
     "fetch_base has a path"},
    {"FetchBaseHttp", {.authority = root, .fetch_base = "http://keycloak:8080"}, "fetch_base"},
};

INSTANTIATE_TEST_SUITE_P(Authority, WrongAuthority, ::testing::ValuesIn(bad_options),
                         [](const auto& test) { return test.param.name; });

// --- Fetching

TEST(ConfigurationManager, FetchesWhenItIsFirstAsked) {
  World world;
  EXPECT_EQ(world.manager->current(), nullptr);
  EXPECT_FALSE(world.manager->status(world.now()).has_keys);
  EXPECT_EQ(world.wait_for_keys(), Lookup::changed);
  EXPECT_EQ(world.backchannel->fetched, (Kids{document_url, keys_url}));
  EXPECT_EQ(world.kids(), Kids{"k1"});
  EXPECT_TRUE(world.manager->current()->trust->holds(world.now()));
  const auto status = world.manager->status(world.now());
  EXPECT_TRUE(status.has_keys);
  EXPECT_EQ(status.keys, 1u);
  EXPECT_EQ(status.fetched, world.now());
  EXPECT_EQ(world.wait_for_keys(), Lookup::changed);
  EXPECT_EQ(world.backchannel->fetched.size(), 2u);
}

TEST(ConfigurationManager, FindsTheDocumentOfRfc8414) {
  const std::string authority = root + "/realms/demo";
  const std::string oauth = root + "/.well-known/oauth-authorization-server/realms/demo";
  World world({.authority = authority});
  world.backchannel->documents = {
      {oauth,
       {.status = 200, .body = fmt::format(R"({{"issuer":"{}","jwks_uri":"{}"}})", authority, keys_url)}},
      {keys_url, {.status = 200, .body = set_of({"k1"})}}};
  EXPECT_EQ(world.wait_for_keys(), Lookup::changed);
  EXPECT_EQ(world.backchannel->fetched,
            (Kids{authority + "/.well-known/openid-configuration", oauth, keys_url}));

  World strict({.authority = authority, .try_oauth_metadata = false});
  strict.backchannel->documents = world.backchannel->documents;
  EXPECT_EQ(strict.wait_for_keys(), Lookup::unavailable);
  EXPECT_TRUE(strict.manager->status(strict.now()).failure.contains("answers 404"));
}

// Who configures an address alone has said whom to believe: whoever the document there names, from then on.
TEST(ConfigurationManager, TakesTheIssuerOfTheFirstDocumentWhereNobodySaidOne) {
  const std::string address = "https://login.example/meta";
  World world({.metadata_address = address});
  const auto document_of = [](const std::string& issuer) {
    return DocumentResponse{.status = 200,
                            .body = fmt::format(R"({{"issuer":"{}","jwks_uri":"{}"}})", issuer, keys_url)};
  };
  EXPECT_EQ(world.manager->issuer(), "");
  EXPECT_EQ(world.manager->name(), address);
  world.backchannel->documents[address] = document_of("");
  EXPECT_EQ(world.wait_for_keys(), Lookup::unavailable);
  world.backchannel->documents[address] = document_of(root);
  run_inline(world.manager->refresh());
  ASSERT_NE(world.manager->current(), nullptr);
  EXPECT_EQ(world.manager->current()->metadata.issuer, root);

  world.backchannel->documents[address] = document_of("https://evil.example");
  EXPECT_FALSE(run_inline(world.manager->refresh())->has_value());
  EXPECT_EQ(world.manager->current()->metadata.issuer, root);
}

TEST(ConfigurationManager, AsksWhereTheAuthorityIsReachedFromHere) {
  World world({.authority = root, .fetch_base = "http://keycloak:8080", .require_https_metadata = false});
  world.backchannel->documents = {
      {"http://keycloak:8080/.well-known/openid-configuration", world.backchannel->documents[document_url]},
      {"http://keycloak:8080/jwks", world.backchannel->documents[keys_url]}};
  EXPECT_EQ(world.wait_for_keys(), Lookup::changed);
  EXPECT_EQ(world.manager->current()->metadata.issuer, root);
}

TEST(ConfigurationManager, CarriesTheAddressRuleToTheBackchannel) {
  World world({.authority = root, .public_addresses_only = true});
  EXPECT_EQ(world.wait_for_keys(), Lookup::changed);
  for (const DocumentRequest& request : world.backchannel->requests)
    EXPECT_TRUE(request.public_addresses_only);
}

TEST(ConfigurationManager, NeedsNoDocumentTwiceThatHasNotChanged) {
  World world;
  world.publish({"k1"}, "\"v1\"");
  EXPECT_EQ(world.wait_for_keys(), Lookup::changed);
  const auto first = world.manager->current();
  world.backchannel->advance(hours(12));
  EXPECT_EQ(world.backchannel->fetched.size(), 4u);
  EXPECT_EQ(world.backchannel->requests.back().etag, "\"v1\"");
  EXPECT_EQ(world.manager->current(), first);
  EXPECT_EQ(world.manager->status(world.now()).fetched, world.now());
  EXPECT_TRUE(first->trust->holds(world.now() + hours(23)));
  EXPECT_EQ(world.events.size(), 1u);
}

// --- Refusing

TEST(ConfigurationManager, KeepsTheLastGoodSetThroughEveryFault) {
  World world;
  EXPECT_EQ(world.wait_for_keys(), Lookup::changed);
  const auto good = world.manager->current();
  const auto private_set = fmt::format(R"({{"keys":[{}]}})", key_named("k1").private_jwk().reveal());
  const std::vector<DocumentResponse> faults = {
      {.status = 200, .body = R"({"keys":[]})"},
      {.status = 200, .body = "<html>"},
      {.status = 200, .body = ""},
      {.status = 200, .body = private_set},
      {.status = 204},
      {.status = 302},
      {.status = 304},
      {.status = 404},
      {.status = 500, .body = set_of({"k2"})},
  };
  for (const DocumentResponse& fault : faults)
    for (const std::string& url : {document_url, keys_url}) {
      SCOPED_TRACE(fmt::format("{} {} {}", url, fault.status, fault.body.substr(0, 8)));
      world.publish({"k1"});
      world.backchannel->documents[url] = fault;
      const auto refreshed = run_inline(world.manager->refresh());
      ASSERT_TRUE(refreshed);
      EXPECT_EQ(refreshed->error().kind, Failure::metadata_unavailable);
      EXPECT_EQ(world.manager->current(), good);
      EXPECT_TRUE(good->trust->holds(world.now()));
      EXPECT_TRUE(world.manager->status(world.now()).is_failing);
    }
  world.publish({"k1"});
  EXPECT_TRUE(run_inline(world.manager->refresh()).value());
  EXPECT_FALSE(world.manager->status(world.now()).is_failing);
  ASSERT_EQ(world.events.size(), 3u);  // one line for each change, however often it was tried
  EXPECT_EQ(world.events[1].kind, ConfigurationEvent::Kind::fetch_failed);
  EXPECT_EQ(world.events[2].kind, ConfigurationEvent::Kind::recovered);
}

// --- Rotation

TEST(ConfigurationManager, LooksForAKeyThatATokenNames) {
  World world;
  EXPECT_EQ(world.wait_for_keys(), Lookup::changed);
  world.publish({"k1", "k2"});
  EXPECT_EQ(world.look_for("k2"), Lookup::changed);
  EXPECT_EQ(world.kids(), (Kids{"k1", "k2"}));
  EXPECT_EQ(world.events.back().removed, 0u);
}

TEST(ConfigurationManager, EndsTheTrustOfWhatIsTakenAwayAndOfNothingElse) {
  World world;
  EXPECT_EQ(world.wait_for_keys(), Lookup::changed);
  const auto first = world.manager->current();
  world.publish({"k1", "k2"});
  EXPECT_EQ(world.look_for("k2"), Lookup::changed);
  const auto second = world.manager->current();
  EXPECT_EQ(second->trust, first->trust);
  world.publish({"k2"});
  EXPECT_TRUE(run_inline(world.manager->refresh()).value());
  EXPECT_FALSE(first->trust->holds(world.now()));
  EXPECT_TRUE(world.manager->current()->trust->holds(world.now()));
  EXPECT_EQ(world.events.back().removed, 1u);

  // The same name with other numbers is another key.
  const auto third = world.manager->current();
  const jose::Key other = jose::Key::generate(jose::Algorithm::EdDSA, "k2").value();
  world.backchannel->documents[keys_url].body = jose::KeySet({other}).public_jwks();
  EXPECT_TRUE(run_inline(world.manager->refresh()).value());
  EXPECT_FALSE(third->trust->holds(world.now()));
}

TEST(ConfigurationManager, AsksOnceAWindowHoweverManyKidsAreMadeUp) {
  World world;
  EXPECT_EQ(world.wait_for_keys(), Lookup::changed);
  std::size_t seen = world.backchannel->fetched.size();
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_EQ(world.look_for(fmt::format("made-up-{}", i)), Lookup::unchanged);
    world.backchannel->advance(Milliseconds(1));  // ten seconds in all
  }
  EXPECT_EQ(world.fetches_since(seen), 2u);  // the document and its keys
  world.backchannel->advance(Seconds(20));
  EXPECT_EQ(world.look_for("made-up-again"), Lookup::unchanged);
  EXPECT_EQ(world.fetches_since(seen), 2u);
}

TEST(ConfigurationManager, AsksForOneKidEverMoreSeldom) {
  World world;
  EXPECT_EQ(world.wait_for_keys(), Lookup::changed);
  std::vector<std::chrono::milliseconds> gaps;
  std::size_t seen = world.backchannel->fetched.size();
  Instant last = world.now();
  for (int i = 0; i < 2'000; ++i) {
    EXPECT_EQ(world.look_for("gone"), Lookup::unchanged);
    if (world.fetches_since(seen) > 0) gaps.push_back(world.now() - std::exchange(last, world.now()));
    world.backchannel->advance(Seconds(1));
  }
  const std::vector<std::chrono::milliseconds> expected = {
      Seconds(0), Seconds(30), Seconds(60), Seconds(120), Seconds(240), Seconds(480), Seconds(960)};
  EXPECT_EQ(gaps, expected);
  // What others bring serves it at once.
  world.publish({"k1", "gone"});
  EXPECT_TRUE(run_inline(world.manager->refresh()).value());
  EXPECT_EQ(world.kids(), (Kids{"k1", "gone"}));
}

// --- Outages

TEST(ConfigurationManager, ServesThroughADeadHourAndNoticesTheEnd) {
  World world;
  EXPECT_EQ(world.wait_for_keys(), Lookup::changed);
  world.backchannel->advance(hours(12) - Seconds(1));
  world.backchannel->is_down = true;
  const auto good = world.manager->current();
  for (int second = 0; second < 3600; ++second) {
    world.backchannel->advance(Seconds(1));
    world.manager->refresh_if_due(world.now());
    ASSERT_EQ(world.manager->current(), good);
    ASSERT_TRUE(good->trust->holds(world.now())) << second;
  }
  EXPECT_EQ(world.look_for("other"), Lookup::unavailable);
  world.backchannel->is_down = false;
  world.publish({"k2"});
  world.backchannel->advance(minutes(1));
  EXPECT_EQ(world.kids(), Kids{"k2"});
}

TEST(ConfigurationManager, StopsTrustingKeysThatNobodyConfirmsAnyMore) {
  World world;
  EXPECT_EQ(world.wait_for_keys(), Lookup::changed);
  world.backchannel->is_down = true;
  world.backchannel->advance(hours(24) - Milliseconds(1));
  EXPECT_TRUE(world.manager->current()->trust->holds(world.now()));
  world.backchannel->advance(Milliseconds(1));
  EXPECT_FALSE(world.manager->current()->trust->holds(world.now()));
  EXPECT_EQ(world.wait_for_keys(), Lookup::unavailable);
}

TEST(ConfigurationManager, RecoversByItselfWithinFiveSecondsOfAColdStart) {
  World world;
  world.backchannel->is_down = true;
  EXPECT_EQ(world.wait_for_keys(), Lookup::unavailable);
  world.backchannel->advance(minutes(10));
  EXPECT_EQ(world.manager->current(), nullptr);
  world.backchannel->is_down = false;
  world.backchannel->advance(Seconds(5));
  EXPECT_EQ(world.kids(), Kids{"k1"});
}

// --- Waiting

TEST(ConfigurationManager, FetchesOnceForAThousandWhoWait) {
  World world;
  world.backchannel->holds = true;
  int served = 0;
  for (int i = 0; i < 1000; ++i)
    start(world.manager->wait_for_keys(world.now(), true),
          [&served](Lookup&& came) { served += came == Lookup::changed; });
  EXPECT_EQ(world.backchannel->held(), 1u);
  EXPECT_EQ(served, 0);
  world.backchannel->release();
  world.backchannel->release();
  EXPECT_EQ(served, 1000);
  EXPECT_EQ(world.backchannel->fetched.size(), 2u);
}

TEST(ConfigurationManager, LetsNobodyWaitLongerThanAllowed) {
  World world;
  world.backchannel->holds = true;
  std::optional<Lookup> came;
  start(world.manager->wait_for_keys(world.now(), true), [&came](Lookup&& lookup) { came = lookup; });
  world.backchannel->advance(Milliseconds(249));
  EXPECT_EQ(came, std::nullopt);
  world.backchannel->advance(Milliseconds(1));
  EXPECT_EQ(came, Lookup::unavailable);
  // Whoever gave up has not stopped the fetch.
  world.backchannel->release();
  world.backchannel->release();
  EXPECT_EQ(world.kids(), Kids{"k1"});
}

TEST(ConfigurationManager, OnlyBeginsForWhoMayNotWait) {
  World world;
  world.backchannel->holds = true;
  EXPECT_EQ(run_inline(world.manager->wait_for_keys(world.now(), false)), Lookup::unavailable);
  EXPECT_EQ(world.backchannel->held(), 1u);
  world.backchannel->release();
  world.backchannel->release();
  EXPECT_EQ(run_inline(world.manager->wait_for_keys(world.now(), false)), Lookup::changed);
  world.publish({"k2"});
  EXPECT_EQ(run_inline(world.manager->look_for("k2", world.manager->current(), world.now(), false)),
            Lookup::unavailable);
}

// --- Every schedule of a bounded model

// What the world may do next. Each step is one of these, and every row of them up to a length is played.
enum class Move : std::uint8_t {
  wait_a_little,  // less than any window
  wait_a_window,  // an unknown key may be looked for again
  wait_for_age,   // the set is due to be renewed
  use_known,      // a token under a key that is known
  use_unknown,    // one under a key that is not
  answer,         // the authority answers what was asked of it
  go_down_or_up,
  rotate,  // it publishes the next pair of keys, and takes one away
};
constexpr int moves = 8;

class Model {
 public:
  Model() : world_() {
    world_.backchannel->holds = true;
    publish();
  }

  // Whether everything that always holds did hold.
  ::testing::AssertionResult play(Move move) {
    switch (move) {
      case Move::wait_a_little:
        world_.backchannel->advance(Milliseconds(300));
        break;
      case Move::wait_a_window:
        world_.backchannel->advance(Seconds(31));
        break;
      case Move::wait_for_age:
        world_.backchannel->advance(hours(13));
        break;
      case Move::use_known:
        world_.manager->refresh_if_due(world_.now());
        if (!is_believed()) ask(world_.manager->wait_for_keys(world_.now(), true));
        break;
      case Move::use_unknown:
        if (is_believed())
          ask(world_.manager->look_for("unknown", world_.manager->current(), world_.now(), true));
        break;
      case Move::answer:
        answer();
        break;
      case Move::go_down_or_up:
        world_.backchannel->is_down = !world_.backchannel->is_down;
        break;
      case Move::rotate:
        ++generation_;
        publish();
        break;
    }
    return check();
  }

 private:
  void publish() { world_.publish({fmt::format("k{}", generation_), fmt::format("k{}", generation_ + 1)}); }

  bool is_believed() const {
    const auto current = world_.manager->current();
    return current && current->trust->holds(world_.now());
  }

  void ask(Task<Lookup> task) {
    start(std::move(task), [](Lookup&&) {});
  }

  void answer() {
    const bool was_up = !world_.backchannel->is_down;
    const std::size_t asked = world_.backchannel->held();
    world_.backchannel->release();
    // The second document of the two is there: what was published has been taken over.
    const bool is_over = asked > 0 && world_.backchannel->held() == 0;
    if (is_over && was_up) {
      good_ = generation_;
      good_at_ = world_.now();
      if (const auto current = world_.manager->current()) believed_.push_back({current, generation_});
    }
  }

  ::testing::AssertionResult check() {
    if (world_.backchannel->held() > 1)
      return ::testing::AssertionFailure() << "two fetches are under way for one issuer";
    const auto current = world_.manager->current();
    if (good_ && world_.now() < good_at_ + hours(24)) {
      if (!is_believed())
        return ::testing::AssertionFailure() << "the last good set is not believed within its lifetime";
      if (current->keys.keys().size() != 2)
        return ::testing::AssertionFailure() << "there are fewer keys than the last good set has";
    }
    if (good_ && world_.now() >= good_at_ + hours(24) && is_believed())
      return ::testing::AssertionFailure() << "keys are believed beyond their lifetime";
    if (good_ && !current->keys.find_first(fmt::format("k{}", *good_)))
      return ::testing::AssertionFailure() << "what is published is not what came last";
    // A cache believes what it holds as long as its trust does: never across a key that went.
    for (const auto& [configuration, generation] : believed_)
      if (generation != *good_ && configuration->trust->holds(world_.now()))
        return ::testing::AssertionFailure() << "a removed key is trusted after the next good fetch";
    return ::testing::AssertionSuccess();
  }

  World world_;
  int generation_ = 1;
  std::optional<int> good_;  // what the last good fetch brought
  Instant good_at_;
  std::vector<std::pair<std::shared_ptr<const Configuration>, int>> believed_;
};

TEST(ConfigurationManager, HoldsItsPromisesOnEverySchedule) {
  constexpr int length = 5;
  std::size_t rows = 1;
  for (int i = 0; i < length; ++i) rows *= moves;
  for (std::size_t row = 0; row < rows; ++row) {
    Model model;
    // Each row begins with a first token, as nothing happens before one.
    ASSERT_TRUE(model.play(Move::use_known));
    std::string played;
    for (std::size_t rest = row, i = 0; i < length; ++i, rest /= moves) {
      played += fmt::format(" {}", rest % moves);
      ASSERT_TRUE(model.play(static_cast<Move>(rest % moves))) << played;
      ASSERT_TRUE(model.play(Move::answer)) << played;
    }
  }
}

}  // namespace
}  // namespace gatehouse::discovery
