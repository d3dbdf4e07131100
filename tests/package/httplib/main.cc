#include <httplib.h>

int main() {
  httplib::Server server;
  server.Get("/orders", [](const httplib::Request&, httplib::Response& response) {
    response.set_content(R"({"orders":[]})", "application/json");
  });
  server.listen("127.0.0.1", 8080);
}
