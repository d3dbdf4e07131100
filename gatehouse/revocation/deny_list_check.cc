#include "gatehouse/revocation/deny_list_check.h"

#include <fmt/format.h>

#include <mutex>
#include <unordered_map>
#include <utility>

#include "gatehouse/base/digest.h"

namespace gatehouse::revocation {

// What issuers answered lately, and who waits for an answer. By the digest of a token: none is kept.
class DenyListCheck::Introspections : public std::enable_shared_from_this<Introspections> {
 public:
  explicit Introspections(DenyListCheckOptions options) : options_(std::move(options)) {}

  Task<Result<void>> ask(std::string text, Instant now) {
    const std::string name = sha256(text);
    std::shared_ptr<Answer> answer;
    bool begins = false;
    {
      const std::scoped_lock lock(mutex_);
      const auto found = answers_.find(name);
      if (found != answers_.end() && (found->second->is_pending || now < found->second->until))
        answer = found->second;
      if (answer && !answer->is_pending) co_return standing(answer->outcome);
      if (!answer) {
        if (!make_room(now)) co_return fail(Failure::unavailable, "too many introspections");
        answer = answers_.insert_or_assign(name, std::make_shared<Answer>()).first->second;
        ++asking_;
        begins = true;
      }
    }
    if (begins) start(settle(std::move(text), answer, now), [self = shared_from_this()] {});
    co_await answer->signal->wait(0, options_.introspection_budget, options_.post_after);
    const std::scoped_lock lock(mutex_);
    if (answer->is_pending) co_return fail(Failure::unavailable, "no introspection in time");
    co_return standing(answer->outcome);
  }

 private:
  struct Answer {
    std::shared_ptr<Signal> signal = std::make_shared<Signal>();
    bool is_pending = true;
    Result<bool> outcome = false;
    Instant until = Instant::max();
  };

  static Result<void> standing(const Result<bool>& outcome) {
    if (!outcome)
      return fail(Failure::unavailable, fmt::format("introspection: {}", describe(outcome.error())));
    return *outcome ? Result<void>() : fail(Failure::revoked, "introspection");
  }

  // An answer is as old as its question. One that did not come is asked for again at once.
  Task<void> settle(std::string text, std::shared_ptr<Answer> answer, Instant asked) {
    auto outcome = co_await options_.introspect(std::move(text));
    {
      const std::scoped_lock lock(mutex_);
      --asking_;
      answer->is_pending = false;
      answer->until = outcome ? asked + options_.introspection_lifetime : asked;
      answer->outcome = std::move(outcome);
    }
    answer->signal->give();
  }

  // With the lock held.
  bool make_room(Instant now) {
    if (asking_ >= options_.most_asking) return false;
    if (answers_.size() < options_.most_introspections) return true;
    std::erase_if(answers_,
                  [now](const auto& one) { return !one.second->is_pending && one.second->until <= now; });
    return answers_.size() < options_.most_introspections;
  }

  const DenyListCheckOptions options_;  // its own: a question may outlive the check
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Answer>> answers_;
  std::size_t asking_ = 0;
};

DenyListCheck::DenyListCheck(std::shared_ptr<const DenyList> list, DenyListCheckOptions options)
    : list_(std::move(list)),
      options_(std::move(options)),
      introspections_(std::make_shared<Introspections>(options_)) {}

DenyListCheck::~DenyListCheck() = default;

Result<std::shared_ptr<const DenyListCheck>> DenyListCheck::make(std::shared_ptr<const DenyList> list,
                                                                 DenyListCheckOptions options) {
  if (options.introspect && !options.post_after)
    return fail(Failure::configuration_invalid,
                "introspect has no post_after to bound its time; give it that of a hosting::Backchannel");
  return std::shared_ptr<const DenyListCheck>(new DenyListCheck(std::move(list), std::move(options)));
}

// What is known is known, however old it is.
Result<void> DenyListCheck::check(const tokens::Token& token, Seconds max_staleness, Instant now) const {
  const TokenMarks marks = marks_of(token);
  if (const auto kind = list_->find(marks, now))
    return fail(Failure::revoked, fmt::format("by {}", name(*kind)));
  if (options_.require_token_id && marks[DenyKind::token].empty() && marks[DenyKind::session].empty())
    return fail(Failure::claim_missing, "jti");
  const Instant heard = list_->heard(marks.issuer);
  if (heard == Instant::min()) return fail(Failure::unavailable, "the deny feed was never heard");
  if (heard < now - max_staleness)
    return fail(Failure::unavailable,
                fmt::format("the deny feed was heard last at {}", format_instant(heard)));
  return {};
}

Task<Result<void>> DenyListCheck::ask(std::string text, Instant now) const {
  return introspections_->ask(std::move(text), now);
}

}  // namespace gatehouse::revocation
