#include <fmt/format.h>

#include <algorithm>

#include "tests/support/fake_backchannel.h"
#include "tests/vectors/runner/asking.h"
#include "tests/vectors/runner/cases.h"

namespace gatehouse::vectors {
namespace {

using test_support::FakeBackchannel;

const std::string openid = "/.well-known/openid-configuration";

// One authority whose documents are the case's, and a verifier that asks it when the case says so.
struct Published {
  explicit Published(discovery::AuthorityOptions options)
      : authority(options.authority), asking(std::move(options), backchannel, clock) {}

  void document(std::string text) { keys(authority + openid, std::move(text)); }
  void keys(const std::string& at, std::string text) {
    backchannel->documents[at] = {.status = 200, .body = std::move(text)};
  }
  void good_set() {
    document(document_of(asking.manager().issuer(), authority + "/jwks"));
    keys(authority + "/jwks", set_of({good_key()}));
  }

  Result<void> refresh() {
    backchannel->fetched.clear();
    return run_inline(asking.manager().refresh()).value();
  }

  std::string authority;
  std::shared_ptr<testing::FakeClock> clock = std::make_shared<testing::FakeClock>();
  std::shared_ptr<FakeBackchannel> backchannel = std::make_shared<FakeBackchannel>(*clock);
  Asking asking;
};

std::string text_of(const Json& input) {
  return input.contains("document") ? input.at("document").dump()
                                    : input.at("document_text").get<std::string>();
}

// What is refused changes nothing, whether or not there was a good set before, and nobody is asked for the
// keys that it names.
void judge_refused(const discovery::AuthorityOptions& options, const std::string& document,
                   Differences& differences) {
  for (const bool has_good_set : {true, false}) {
    Published published(options);
    if (has_good_set) {
      published.good_set();
      if (const auto first = published.refresh(); !first)
        return differences.push_back(describe(first.error()));
    }
    published.document(document);
    if (published.refresh()) differences.push_back("FETCHED what must be refused");
    if (published.asking.accepts(good_key()) != has_good_set)
      differences.push_back(has_good_set ? "the last good set was LOST" : "there are keys from nowhere");
    for (const std::string& url : published.backchannel->fetched)
      if (url != options.authority + openid) differences.push_back("ASKED " + url);
  }
}

void judge_accepted(const discovery::AuthorityOptions& options, const std::string& document,
                    Differences& differences) {
  Published published(options);
  published.good_set();
  published.document(document);
  if (const auto fetched = published.refresh(); !fetched) differences.push_back(describe(fetched.error()));
  if (!published.asking.accepts(good_key())) differences.push_back("its keys do not serve");
}

// How a user of that provider names it, where its issuer is not its address, or is at home.
discovery::AuthorityOptions options_of(const std::string& provider, const std::string& issuer) {
  discovery::AuthorityOptions options{.authority = issuer, .issuer = issuer};
  if (provider == "entra-id-common-v2") options.authority = "https://login.entra.example/common/v2.0";
  if (provider == "kubernetes") options.allow_private_addresses = true;
  return options;
}

Differences judge_discovery(const Json& file, const Json& provider) {
  const Json& expect = file.at("expect");
  const std::string issuer = expect.at("issuer"), jwks_uri = expect.at("jwks_uri");
  const auto options = options_of(file.at("shape_of"), issuer);
  const std::string document = file.at("document").dump();
  const auto metadata =
      discovery::parse_metadata(document, {.issuer = options.issuer,
                                           .address = Url::parse(options.authority + openid).value(),
                                           .allow_private = options.allow_private_addresses});
  Differences differences;
  judge_verdict(expect, metadata, differences);
  if (!metadata) return differences;
  if (metadata->issuer != issuer) differences.push_back("the issuer is " + metadata->issuer);
  if (metadata->jwks_uri.text() != jwks_uri)
    differences.push_back("jwks_uri is " + metadata->jwks_uri.text());
  Published published(options);
  published.document(document);
  published.keys(jwks_uri, provider.at("document").dump());
  if (const auto fetched = published.refresh(); !fetched) differences.push_back(describe(fetched.error()));
  const auto status = published.asking.manager().status(published.clock->now());
  if (status.keys != provider.at("expect").at("usable"))
    differences.push_back(fmt::format("{} keys", status.keys));
  return differences;
}

}  // namespace

Cases cases_of_discovery(const Json& file, Json provider) {
  const auto shared = std::make_shared<const Json>(std::move(provider));
  return {{file.at("id"), [&file, shared] { return judge_discovery(file, *shared); }}};
}

Differences judge_metadata(const Json& attack) {
  const Json& input = attack.at("input");
  const Json& expect = attack.at("expect");
  const discovery::AuthorityOptions options{.authority = input.at("authority")};
  const std::string document = text_of(input);
  const auto metadata = discovery::parse_metadata(
      document, {.issuer = options.authority, .address = Url::parse(options.authority + openid).value()});
  Differences differences;
  judge_verdict(expect, metadata, differences);
  if (metadata)
    judge_accepted(options, document, differences);
  else
    judge_refused(options, document, differences);
  return differences;
}

void judge_last_good(const std::string& key_set, Differences& differences) {
  const std::string authority = "https://issuer.gatehouse.example";
  for (const bool has_good_set : {true, false}) {
    Published published({.authority = authority});
    published.good_set();
    if (has_good_set && !published.refresh()) differences.push_back("the good set did not come");
    published.keys(authority + "/jwks", key_set);
    if (published.refresh()) differences.push_back("FETCHED what must be refused");
    if (published.asking.accepts(good_key()) != has_good_set)
      differences.push_back(has_good_set ? "the last good set was LOST" : "there are keys from nowhere");
  }
}

}  // namespace gatehouse::vectors
