// What a restart finds: the snapshot and the ConfigurationManager together.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gatehouse/discovery/configuration_manager.h"
#include "tests/support/fake_backchannel.h"
#include "tests/support/named_keys.h"
#include "tests/support/temporary_folder.h"

namespace gatehouse::discovery {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using test_support::FakeBackchannel;
using test_support::key_named;
using test_support::TemporaryFolder;
using testing::FakeClock;
using Kids = std::vector<std::string>;
using Kind = ConfigurationEvent::Kind;

const std::string root = "https://issuer.example";

Kids kids_of(const std::shared_ptr<const Configuration>& configuration) {
  Kids all;
  if (configuration)
    for (const jose::Key& key : configuration->keys.keys()) all.push_back(key.kid());
  return all;
}

Kids kids_in(const Snapshot& snapshot) {
  Kids all;
  const jose::KeySet keys = parse_key_set(snapshot.keys).value();
  for (const jose::Key& key : keys.keys()) all.push_back(key.kid());
  return all;
}

// One run of a program after another, on one disk; the authority goes on meanwhile.
class Restart : public ::testing::Test {
 protected:
  Restart() {
    publish({"k1"});
    options.authority = root;
    options.snapshot_file = path;
    start_again();
  }

  void start_again() {
    manager = ConfigurationManager::make(options, backchannel, clock).value();
    manager->jitter = [] { return 0.0; };
    manager->on_event = [this](const ConfigurationEvent& event) { events.push_back(event); };
    events.clear();
  }

  void publish(const Kids& kids) {
    std::vector<jose::Key> keys;
    for (const std::string& kid : kids) keys.push_back(key_named(kid));
    backchannel->publish(root, jose::KeySet(std::move(keys)).public_jwks());
  }

  bool refresh() { return run_inline(manager->refresh()).value().has_value(); }
  Kids kids() const { return kids_of(manager->current()); }
  bool is_believed() const {
    const auto current = manager->current();
    return current && current->trust->holds(clock->now());
  }
  std::vector<Kind> kinds() const {
    std::vector<Kind> all;
    for (const ConfigurationEvent& event : events) all.push_back(event.kind);
    return all;
  }

  TemporaryFolder folder;
  std::string path = folder.path("keys");
  AuthorityOptions options;
  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  std::shared_ptr<FakeBackchannel> backchannel = std::make_shared<FakeBackchannel>(*clock);
  std::shared_ptr<ConfigurationManager> manager;
  std::vector<ConfigurationEvent> events;
};

TEST_F(Restart, ServesDuringAnOutageAndAsksAtOnce) {
  ASSERT_TRUE(refresh());
  EXPECT_EQ(kinds(), std::vector{Kind::keys_received});
  const Instant fetched = clock->now();
  backchannel->is_down = true;
  backchannel->advance(hours(10));
  start_again();
  const std::size_t asked = backchannel->fetched.size();
  manager->refresh_if_due(clock->now());
  EXPECT_EQ(kids(), Kids{"k1"});
  EXPECT_EQ(backchannel->fetched.size(), asked + 1);
  EXPECT_EQ(kinds(), (std::vector{Kind::keys_restored, Kind::fetch_failed}));
  EXPECT_EQ(events.front().detail, path + ": 1 keys of 2026-01-15T09:00:00Z");
  EXPECT_EQ(manager->status(clock->now()).fetched, fetched);

  // They are not one moment younger for it.
  backchannel->advance(hours(14) - Milliseconds(1));
  EXPECT_TRUE(is_believed());
  backchannel->advance(Milliseconds(1));
  EXPECT_FALSE(is_believed());
  EXPECT_EQ(run_inline(manager->wait_for_keys(clock->now(), true)), Lookup::unavailable);
}

TEST_F(Restart, LetsNobodyWaitForAnAuthorityThatIsSlow) {
  ASSERT_TRUE(refresh());
  start_again();
  backchannel->holds = true;
  EXPECT_EQ(run_inline(manager->wait_for_keys(clock->now(), true)), Lookup::changed);
  EXPECT_TRUE(is_believed());
  EXPECT_EQ(backchannel->held(), 1u);
  // Whoever asks for more than keys waits for the answer.
  std::optional<Lookup> came;
  start(manager->look_for("k2", manager->current(), clock->now(), true), [&](Lookup&& one) { came = one; });
  EXPECT_EQ(came, std::nullopt);
  publish({"k1", "k2"});
  backchannel->holds = false;
  backchannel->release();
  EXPECT_EQ(came, Lookup::changed);
}

// As a backchannel is that has a thread of its own: work waits for its turn.
class LaterBackchannel final : public Backchannel {
 public:
  explicit LaterBackchannel(std::shared_ptr<FakeBackchannel> inner) : inner_(std::move(inner)) {}
  Task<Result<DocumentResponse>> fetch(DocumentRequest request) override {
    return inner_->fetch(std::move(request));
  }
  void post_after(Milliseconds delay, std::move_only_function<void()> work) override {
    if (delay == delay.zero())
      work_.push_back(std::move(work));
    else
      inner_->post_after(delay, std::move(work));
  }
  void run() {
    while (!work_.empty()) {
      auto work = std::exchange(work_, {});
      for (auto& one : work) one();
    }
  }

 private:
  std::shared_ptr<FakeBackchannel> inner_;
  std::deque<std::move_only_function<void()>> work_;
};

TEST_F(Restart, WakesWhoWaitsForKeysAndNobodyElse) {
  ASSERT_TRUE(refresh());
  const auto later = std::make_shared<LaterBackchannel>(backchannel);
  manager = ConfigurationManager::make(options, later, clock).value();
  backchannel->holds = true;
  std::optional<Lookup> came;
  bool is_refreshed = false;
  start(manager->wait_for_keys(clock->now(), true), [&](Lookup&& one) { came = one; });
  start(manager->refresh(), [&](Result<void>&&) { is_refreshed = true; });
  EXPECT_EQ(came, std::nullopt);
  later->run();
  EXPECT_EQ(came, Lookup::changed);
  EXPECT_FALSE(is_refreshed);
  backchannel->holds = false;
  backchannel->release();
  EXPECT_TRUE(is_refreshed);
}

TEST_F(Restart, TellsWhoeverMakesVerifiersOfTheKeys) {
  ASSERT_TRUE(refresh());
  start_again();
  std::vector<Kids> published;
  manager->on_published = [&](const auto& configuration) { published.push_back(kids_of(configuration)); };
  backchannel->is_down = true;
  EXPECT_FALSE(refresh());
  EXPECT_EQ(published, std::vector<Kids>{{"k1"}});
  backchannel->is_down = false;
  publish({"k1", "k2"});
  EXPECT_TRUE(refresh());
  EXPECT_EQ(published, (std::vector<Kids>{{"k1"}, {"k1", "k2"}}));
}

// --- Keys that went

TEST_F(Restart, DoesNotBringBackAKeyThatWasTakenAway) {
  publish({"k1", "k2"});
  ASSERT_TRUE(refresh());
  publish({"k2"});
  // Before anybody is judged by the new set it is on the disk: a crash from here on finds it.
  std::optional<Kids> on_disk;
  manager->on_published = [&](const auto&) {
    const auto read = SnapshotFile(path, "").read();
    if (read) on_disk = kids_in(*read);
  };
  ASSERT_TRUE(refresh());
  EXPECT_EQ(on_disk, Kids{"k2"});
  backchannel->is_down = true;
  start_again();
  EXPECT_FALSE(refresh());
  EXPECT_EQ(kids(), Kids{"k2"});
}

TEST_F(Restart, CorrectsAnOlderSetByTheFirstAnswer) {
  publish({"k1", "k2"});
  ASSERT_TRUE(refresh());
  // It crashed before it could write what it had just been told, and nobody had been judged by that.
  start_again();
  publish({"k2"});
  backchannel->holds = true;
  manager->refresh_if_due(clock->now());
  const auto older = manager->current();
  EXPECT_EQ(kids_of(older), (Kids{"k1", "k2"}));
  backchannel->holds = false;
  backchannel->release();
  EXPECT_EQ(kids(), Kids{"k2"});
  EXPECT_FALSE(older->trust->holds(clock->now()));
  EXPECT_EQ(events.back().removed, 1u);
  EXPECT_EQ(kids_in(SnapshotFile(path, "").read().value()), Kids{"k2"});
}

TEST_F(Restart, HoldsTheSameSetWhenTheAuthorityConfirmsIt) {
  ASSERT_TRUE(refresh());
  start_again();
  backchannel->holds = true;
  manager->refresh_if_due(clock->now());
  const auto restored = manager->current();
  backchannel->holds = false;
  backchannel->advance(hours(1));
  backchannel->release();
  EXPECT_EQ(manager->current(), restored);  // verifiers and what was accepted under them stay
  EXPECT_TRUE(restored->trust->holds(clock->now() + hours(24) - Milliseconds(1)));
}

TEST_F(Restart, CountsTheAgeFromTheLastGoodFetchThoughItBroughtNothingNew) {
  ASSERT_TRUE(refresh());
  const auto first = manager->current();
  backchannel->advance(hours(13));
  ASSERT_EQ(manager->current(), first);
  const Instant last = *manager->status(clock->now()).fetched;
  EXPECT_EQ(SnapshotFile(path, "").read()->fetched, last);
  EXPECT_EQ(last, FakeClock().now() + hours(12));
}

TEST_F(Restart, SavesASetThatWasNotSentAgain) {
  backchannel->documents[root + "/jwks"].etag = "\"v1\"";
  ASSERT_TRUE(refresh());
  ASSERT_TRUE(std::filesystem::remove(path));
  ASSERT_TRUE(refresh());  // 304
  EXPECT_EQ(backchannel->requests.back().etag, "\"v1\"");
  EXPECT_EQ(kids_in(SnapshotFile(path, "").read().value()), Kids{"k1"});
}

// --- Trouble with the file

struct TroubleCase {
  const char* name;
  std::function<void(const std::string& path)> spoil;
  const char* why;
};

class Trouble : public Restart, public ::testing::WithParamInterface<TroubleCase> {};

TEST_P(Trouble, IsToldAndTheStartIsAsWithoutASnapshot) {
  ASSERT_TRUE(refresh());
  start_again();
  backchannel->is_down = true;
  GetParam().spoil(path);
  manager->refresh_if_due(clock->now());
  EXPECT_EQ(manager->current(), nullptr);
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.front().kind, Kind::snapshot_refused);
  EXPECT_EQ(events.front().authority, root);
  EXPECT_TRUE(events.front().detail.starts_with(folder.path())) << events.front().detail;
  EXPECT_TRUE(events.front().detail.contains(GetParam().why)) << events.front().detail;
  EXPECT_EQ(events.size(), 1u + 1u);  // and fetch_failed
  ::chmod(folder.path().c_str(), 0700);
  backchannel->is_down = false;
  backchannel->advance(Seconds(5));
  EXPECT_EQ(kids(), Kids{"k1"});
}

// The snapshot that a run would have written with these options.
void write_as(const std::string& path, AuthorityOptions options, std::chrono::milliseconds from_now) {
  const auto clock = std::make_shared<FakeClock>();
  clock->advance(from_now);
  const auto backchannel = std::make_shared<FakeBackchannel>(*clock);
  const std::string issuer = options.issuer.empty() ? options.authority : options.issuer;
  backchannel->publish(issuer, jose::KeySet({key_named("k1")}).public_jwks());
  options.snapshot_file = path;
  const auto manager = ConfigurationManager::make(std::move(options), backchannel, clock).value();
  ASSERT_TRUE(run_inline(manager->refresh()).value());
}

const std::vector<TroubleCase> trouble_cases = {
    {"Empty", [](const auto& path) { test_support::write_file(path, ""); }, "damaged"},
    {"CutOff", [](const auto& path) { std::filesystem::resize_file(path, 100); }, "damaged"},
    {"TooLarge", [](const auto& path) { std::filesystem::resize_file(path, (1 << 20) + 1); }, "octets"},
    {"WithoutItsKey", [](const auto& path) { std::filesystem::remove(path + ".key"); }, ".key"},
    {"WithAnotherKey",
     [](const auto& path) { test_support::write_file(path + ".key", std::string(43, 'k')); }, "damaged"},
    {"WithAShortKey", [](const auto& path) { test_support::write_file(path + ".key", "short"); }, "too few"},
    {"WithAKeyOfEverybody", [](const auto& path) { ::chmod((path + ".key").c_str(), 0644); }, "may read it"},
    {"WithALinkForAKey",
     [](const auto& path) {
       std::filesystem::rename(path + ".key", path + ".elsewhere");
       std::filesystem::create_symlink(path + ".elsewhere", path + ".key");
     },
     "symbolic link"},
    {"WritableByOthers", [](const auto& path) { ::chmod(path.c_str(), 0606); }, "others may write it"},
    {"WritableByItsGroup", [](const auto& path) { ::chmod(path.c_str(), 0660); }, "others may write it"},
    {"InAFolderOfEverybody", [](const auto& path) { ::chmod(path.substr(0, path.rfind('/')).c_str(), 0777); },
     "into this folder"},
    {"ALink",
     [](const auto& path) {
       std::filesystem::rename(path, path + ".elsewhere");
       std::filesystem::create_symlink(path + ".elsewhere", path);
     },
     "symbolic link"},
    {"TooOld", [](const auto& path) { write_as(path, {.authority = root}, -hours(24)); }, "86400 s ago"},
    {"FromTheFuture", [](const auto& path) { write_as(path, {.authority = root}, minutes(2)); },
     "and now is"},
    {"OfAnotherAuthority",
     [](const auto& path) { write_as(path, {.authority = "https://other.example"}, hours(0)); },
     "https://issuer.example/.well-known/openid-configuration is configured"},
    {"OfAnotherIssuer",
     [](const auto& path) {
       const Snapshot other{
           .address = root + "/.well-known/openid-configuration",
           .fetched = FakeClock().now(),
           .metadata = R"({"issuer":"https://other.example","jwks_uri":"https://o.example/"})",
           .keys = jose::KeySet({key_named("k1")}).public_jwks()};
       ASSERT_TRUE(SnapshotFile(path, "").write(other));
     },
     "its issuer is 'https://other.example'"},
};

INSTANTIATE_TEST_SUITE_P(Snapshot, Trouble, ::testing::ValuesIn(trouble_cases),
                         [](const auto& test) { return test.param.name; });

TEST_F(Restart, FindsNothingWithoutSayingSo) {
  start_again();
  backchannel->is_down = true;
  manager->refresh_if_due(clock->now());
  EXPECT_EQ(kinds(), std::vector{Kind::fetch_failed});
}

TEST_F(Restart, ServesOnWhenItCannotWriteAndSaysSoOnce) {
  ::chmod(folder.path().c_str(), 0777);
  start_again();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(refresh());
  EXPECT_EQ(kids(), Kids{"k1"});
  EXPECT_TRUE(is_believed());
  EXPECT_EQ(kinds(), (std::vector{Kind::snapshot_refused, Kind::snapshot_failed, Kind::keys_received}));
  ::chmod(folder.path().c_str(), 0700);
  ASSERT_TRUE(refresh());
  EXPECT_TRUE(SnapshotFile(path, "").read());
  ::chmod(folder.path().c_str(), 0777);
  ASSERT_TRUE(refresh());
  ASSERT_TRUE(refresh());
  EXPECT_EQ(events.size(), 4u);
  EXPECT_EQ(events.back().kind, Kind::snapshot_failed);
}

TEST_F(Restart, ServesOnWhereThereCanBeNoFile) {
  test_support::write_file(path, "no folder");
  options.snapshot_file = path + "/keys";
  start_again();
  ASSERT_TRUE(refresh());
  EXPECT_EQ(kids(), Kids{"k1"});
  EXPECT_EQ(kinds().back(), Kind::keys_received);
}

TEST_F(Restart, FindsNoOlderSetWhenTheNewOneCouldNotBeWritten) {
  publish({"k1", "k2"});
  ASSERT_TRUE(refresh());
  ::chmod((path + ".key").c_str(), 0644);
  publish({"k2"});
  ASSERT_TRUE(refresh());
  EXPECT_EQ(events.back().kind, Kind::keys_received);
  EXPECT_EQ(kinds()[1], Kind::snapshot_failed);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(Restart, AsksForHelpWhenAnOlderSetStays) {
  publish({"k1", "k2"});
  ASSERT_TRUE(refresh());
  ::chmod(folder.path().c_str(), 0777);
  publish({"k2"});
  ASSERT_TRUE(refresh());
  EXPECT_EQ(kids(), Kids{"k2"});
  EXPECT_TRUE(events[1].detail.contains("remove it yourself")) << events[1].detail;
}

// --- Options

struct KeyFileCase {
  const char* name;
  std::optional<std::string> octets;
  mode_t mode;
  const char* why;
};

TEST_F(Restart, IsNotBegunWithAKeyFileThatCannotBeUsed) {
  options.snapshot_key_file = folder.path("secret");
  const std::vector<KeyFileCase> cases = {{"missing", {}, 0, "No such file"},
                                          {"short", std::string(31, 'x'), 0600, "31 octets are too few"},
                                          {"readable", std::string(32, 'x'), 0604, "others may read it"}};
  for (const KeyFileCase& one : cases) {
    SCOPED_TRACE(one.name);
    if (one.octets) test_support::write_file(options.snapshot_key_file, *one.octets, one.mode);
    const auto made = ConfigurationManager::make(options, backchannel, clock);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, Failure::configuration_invalid);
    EXPECT_TRUE(made.error().subject.starts_with("snapshot_key_file")) << made.error().subject;
    EXPECT_TRUE(made.error().subject.contains(one.why)) << made.error().subject;
  }
  ::chmod(options.snapshot_key_file.c_str(), 0600);
  EXPECT_TRUE(ConfigurationManager::make(options, backchannel, clock));
  options.snapshot_file.clear();
  EXPECT_TRUE(
      ConfigurationManager::make(options, backchannel, clock).error().subject.contains("set snapshot_file"));
}

}  // namespace
}  // namespace gatehouse::discovery
