/// JSON settings — a settings file flattened to keys, each with the line and column it stood at; private to
/// this room.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/configuration/faults.h"

namespace gatehouse::configuration {

struct JsonSetting {
  std::string key;
  std::string value;
  std::string where;  ///< "appsettings.json:7:5", of the name
};

/// Reads an object; comments are allowed. Syntax errors, names said twice and a root that is no object are
/// faults. Null says nothing: the layer below shows through.
std::vector<JsonSetting> read_json_settings(const std::string& name, std::string_view text, Faults& faults);

}  // namespace gatehouse::configuration
