#include "gatehouse/diagnostics/log.h"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <utility>

#include "gatehouse/base/json.h"

namespace gatehouse::diagnostics {
namespace {

spdlog::level::level_enum to_spdlog(Level level) noexcept {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::information:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  std::unreachable();
}

void add(json::Writer& writer, const Field& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    if (!text->empty()) writer.member(field.name, *text);
  } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
    writer.member(field.name, *number);
  } else {
    writer.member(field.name, std::get<bool>(field.value));
  }
}

}  // namespace

std::string_view name(Level level) noexcept {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::information:
      return "information";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
  }
  std::unreachable();
}

// A flood of denials must not grow the process: the queue is bounded and its oldest lines give way.
struct Log::Output {
  static constexpr std::size_t queued_lines = 8192;
  std::shared_ptr<spdlog::details::thread_pool> thread =
      std::make_shared<spdlog::details::thread_pool>(queued_lines, 1);
  std::shared_ptr<spdlog::async_logger> logger =
      std::make_shared<spdlog::async_logger>("gatehouse", std::make_shared<spdlog::sinks::stderr_sink_mt>(),
                                             thread, spdlog::async_overflow_policy::overrun_oldest);
};

Log::Log(const Clock& clock, Level threshold)
    : clock_(clock), threshold_(threshold), output_(std::make_unique<Output>()) {
  spdlog::async_logger& logger = *output_->logger;
  logger.set_pattern("%v");
  logger.set_level(spdlog::level::trace);
  sink_ = [&logger](Level level, std::string_view line) {
    logger.log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
  };
}

Log::Log(const Clock& clock, Level threshold, Sink sink)
    : clock_(clock), threshold_(threshold), sink_(std::move(sink)) {}

Log::~Log() = default;

void Log::write(Level level, std::string_view event, const std::vector<Field>& fields) const {
  if (!enabled(level)) return;
  json::Writer writer;
  writer.begin_object();
  writer.member("time", std::string_view(format_instant(clock_.now())));
  writer.member("level", name(level));
  writer.member("event", event);
  for (const Field& field : fields) add(writer, field);
  writer.end_object();
  sink_(level, writer.text());
}

void Log::information(std::string_view event, const std::vector<Field>& fields) const {
  write(Level::information, event, fields);
}
void Log::warning(std::string_view event, const std::vector<Field>& fields) const {
  write(Level::warning, event, fields);
}
void Log::error(std::string_view event, const std::vector<Field>& fields) const {
  write(Level::error, event, fields);
}

void Log::flush() const {
  if (output_) output_->logger->flush();
}

}  // namespace gatehouse::diagnostics
