// `gatehouse db` — the file that an issuer keeps everything in. These work on the file itself.
#include <fmt/format.h>

#include "apps/gatehouse/admin_client.h"
#include "apps/gatehouse/config_source.h"
#include "gatehouse/base/base64url.h"
#include "gatehouse/stores/sqlite_maintenance.h"

namespace gatehouse::program {
namespace {

struct DbOptions {
  ConfigSource config;
  std::string store, target, backup, recovery_window;
  bool as_json = false, is_dry = false, is_strict = false, trusts_backup = false;
};

std::string path_of(const DbOptions& options) {
  if (!options.store.empty()) return options.store;
  configuration::Faults faults;
  const auto settings = read_config(options.config, faults);
  std::string path = configuration::read_required(settings, "Issuer:Store", faults);
  faults.throw_if_any();
  if (path == "memory") throw Stop(misused, "'Issuer:Store' is 'memory': there is no file");
  return path;
}

// A file that is not there or not to be used is a no; trouble with it could be over the next time.
template <class T>
T or_stop(Result<T> result) {
  if (result) return *std::move(result);
  const Error& error = result.error();
  throw Stop(error.kind == Failure::unavailable ? undecided : no, printable(error.subject));
}

void show(const DbOptions& options, const std::string& json) {
  print(options.as_json ? json + '\n' : to_table(json));
}

ExitCode show_status(const DbOptions& options, const stores::MigrationStatus& status) {
  json::Writer writer;
  writer.begin_object().member("version", status.version).member("newest", status.newest);
  writer.name("due").begin_array();
  for (const std::string& step : status.due) writer.value(step);
  show(options, std::move(writer.end_array().end_object()).take());
  return status.due.empty() ? yes : no;
}

ExitCode migrate(const DbOptions& options) {
  const std::string path = path_of(options);
  if (options.is_dry) return show_status(options, or_stop(stores::migration_status(path)));
  return show_status(options, or_stop(stores::apply_migrations(path)));
}

ExitCode back_up(const DbOptions& options) {
  const auto done = stores::back_up(path_of(options), options.target, SystemClock().now());
  if (!done)
    throw Stop(done.error().kind == Failure::unavailable ? undecided : no, printable(done.error().subject));
  fmt::print(stderr, "{} is whole and on the disk\n", options.target);
  return yes;
}

ExitCode restore(const DbOptions& options) {
  stores::RestoreOptions wanted{.strict = options.is_strict, .trusts_backup = options.trusts_backup};
  if (!options.recovery_window.empty()) {
    const auto window = configuration::parse_duration(options.recovery_window);
    if (!window)
      throw Stop(misused, fmt::format("--recovery-window is '{}'; write 1h", options.recovery_window));
    wanted.recovery_window = *window;
  }
  const auto report = or_stop(stores::restore(options.backup, path_of(options), SystemClock().now(), wanted));
  json::Writer writer;
  writer.begin_object().member("backup", report.backup).member("used_old_database", report.has_used_old);
  writer.member("used_journal", report.has_used_journal).member("sessions_ended", report.sessions_ended);
  writer.member("sessions_recoverable", report.sessions_recoverable);
  writer.member("users_disabled", report.users_disabled).member("clients_disabled", report.clients_disabled);
  writer.member("replaced", report.replaced).member("complete", report.is_complete()).end_object();
  show(options, std::move(writer).take());
  if (!report.is_complete())
    fmt::print(stderr,
               "nobody knows which users, clients and keys were changed after the backup: look at them\n");
  return yes;
}

ExitCode check(const DbOptions& options) {
  const auto checked = or_stop(stores::check_database(path_of(options)));
  json::Writer writer;
  writer.begin_object().member("version", checked.version).member("audit_entries", checked.audit.entries);
  writer.member("newest_hash", base64url::encode(checked.audit.newest_hash)).name("first_broken");
  checked.audit.first_broken ? writer.value(*checked.audit.first_broken) : writer.null();
  show(options, std::move(writer.end_object()).take());
  return checked.audit.first_broken ? no : yes;
}

}  // namespace

void add_db_commands(CLI::App& app, Commands& commands) {
  const auto options = std::make_shared<DbOptions>();
  CLI::App& db = commands.add(app, "db", "the file that an issuer keeps everything in");
  const auto leaf = [&](const char* name, const char* what, Commands::Run run) -> CLI::App& {
    CLI::App& command = commands.add(db, name, what, std::move(run));
    add_config_options(command, options->config);
    command.add_option("--store", options->store, "the file, instead of what the settings say");
    command.add_flag("--json", options->as_json, "the answer as data");
    return command;
  };
  leaf("status", "its version, and the steps that are due; exit code 1 when there are any",
       [=] { return show_status(*options, or_stop(stores::migration_status(path_of(*options)))); });
  leaf("migrate", "take the steps that are due; an issuer does so when it starts", [=] {
    return migrate(*options);
  }).add_flag("--dry-run", options->is_dry, "only say which");
  leaf("backup", "copy it while it is used", [=] { return back_up(*options); })
      .add_option("TARGET", options->target, "a file that is not there yet")
      ->required();
  CLI::App& restoring = leaf("restore", "put a copy back; what was revoked since stays revoked",
                             [=] { return restore(*options); });
  restoring.add_option("BACKUP", options->backup, "a file that `db backup` has made")->required();
  restoring.add_flag("--strict", options->is_strict, "end every session");
  restoring.add_flag("--trust-backup", options->trusts_backup,
                     "let sessions go on although nobody knows what was revoked since");
  restoring.add_option("--recovery-window", options->recovery_window,
                       "for so long a client may go on with a refresh token that is newer than the backup");
  leaf("check", "read all of it, and the chain of the audit log", [=] { return check(*options); });
}

}  // namespace gatehouse::program
