/// OrdersController — /api/orders: whoever may read orders reads them, an administrator makes new ones.
#pragma once

#include "gatehouse/gatehouse.h"

class OrdersController {
 public:
  void map(gatehouse::RouteGroup& routes) {
    auto orders = routes.map_group("/api/orders");
    orders.map_get("/", get_orders).require_authorization("CanReadOrders");
    orders.map_post("/", create_order).require_authorization("AdminOnly");
  }

 private:
  static gatehouse::Response get_orders() { return gatehouse::results::ok(R"({"message":"orders"})"); }
  static gatehouse::Response create_order() { return gatehouse::results::ok(); }
};
