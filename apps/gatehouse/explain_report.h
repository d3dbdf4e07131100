/// Explain report — one explanation, written for people or as JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/authorization/guard.h"
#include "gatehouse/tokens/explain.h"

namespace gatehouse::program {

struct PlacedFix {
  tokens::Fix fix;
  std::string where = {};  ///< "appsettings.json:4", where the setting stands now; empty: nowhere
};

struct Report {
  int status = 200;            ///< what the service would answer
  std::string_view code = {};  ///< of the failure that decides; empty when it passes
  std::string subject = {};    ///< who the token is about, once it is accepted
  std::string target = {};     ///< "GET /api/orders"; empty: no route was asked about
  std::string judge = {};      ///< "judged by appsettings.json"
  tokens::Explanation explanation;
  std::optional<authorization::RouteDecision> route = {};
  std::string missing = {};  ///< "CanReadOrders needs scope orders.read, token has orders.write"
  std::vector<PlacedFix> fixes = {};
};

/// Text for a terminal: what a token says is made printable. Ends with a line end.
std::string to_text(const Report& report, bool in_color);

/// {"verdict","status","code","subject","route","checks":[…],"policy":{…},"failures":[…],"fixes":[…]}
std::string to_json(const Report& report);

}  // namespace gatehouse::program
