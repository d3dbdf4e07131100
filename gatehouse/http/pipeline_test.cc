#include "gatehouse/http/pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <coroutine>
#include <stdexcept>

#include "gatehouse/http/endpoint.h"

namespace gatehouse::http {
namespace {

using testing::ElementsAre;

class Pipelines : public testing::Test {
 protected:
  void run() {
    start(pipeline.run(context), [this] { finished = true; });
  }

  Middleware mark(const std::string& name) {
    return [this, name](HttpContext& on, Next next) -> Task<void> {
      trail.push_back("> " + name);
      co_await next(on);
      trail.push_back("< " + name);
    };
  }

  Request request;
  ServiceCollection services;
  SystemClock clock;
  HttpContext context{request, services, clock};
  Pipeline pipeline;
  std::vector<std::string> trail;
  bool finished = false;
};

TEST_F(Pipelines, RunMiddlewareAsAnOnion) {
  pipeline.use(mark("a"));
  pipeline.use(mark("b"));
  run();
  EXPECT_THAT(trail, ElementsAre("> a", "> b", "< b", "< a"));
  EXPECT_TRUE(finished);
}

TEST_F(Pipelines, AnswerNotFoundWhenNobodyElseDoes) {
  run();
  EXPECT_EQ(context.response.status, 404);
}

TEST_F(Pipelines, LetAMiddlewareAnswerInsteadOfTheRest) {
  pipeline.use([](HttpContext& on, Next) -> Task<void> {
    on.response.status = 401;
    co_return;
  });
  pipeline.use(mark("never"));
  run();
  EXPECT_EQ(context.response.status, 401);
  EXPECT_TRUE(trail.empty());
}

TEST_F(Pipelines, TurnAnExceptionIntoAnEmpty500) {
  context.response.headers.append("X-Secret", "half done");
  pipeline.use(mark("a"));
  pipeline.use([](HttpContext&, Next) -> Task<void> {
    throw std::runtime_error("defect");
    co_return;
  });
  run();
  EXPECT_TRUE(finished);
  EXPECT_EQ(context.response.status, 500);
  EXPECT_EQ(context.response.headers.size(), 0u);
  ASSERT_TRUE(context.exception);
  EXPECT_THROW(std::rethrow_exception(context.exception), std::runtime_error);
}

TEST_F(Pipelines, CatchWhatIsThrownBeforeThereIsATask) {
  pipeline.use([](HttpContext&, Next) -> Task<void> { throw 7; });
  run();
  EXPECT_EQ(context.response.status, 500);
  EXPECT_TRUE(context.exception);
}

TEST_F(Pipelines, WaitAndGoOn) {
  struct Pause {
    std::coroutine_handle<>& place;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> caller) const noexcept { place = caller; }
    void await_resume() const noexcept {}
  };
  std::coroutine_handle<> paused;
  pipeline.use(mark("a"));
  pipeline.use([&paused](HttpContext&, Next) -> Task<void> {
    Pause pause{paused};
    co_await pause;
  });
  run();
  EXPECT_FALSE(finished);
  paused.resume();
  EXPECT_TRUE(finished);
  EXPECT_THAT(trail, ElementsAre("> a", "< a"));
}

class Endpoints : public Pipelines {
 protected:
  Endpoints() { pipeline.use(run_endpoint); }
  void serve(Handler handler) {
    endpoint.handler = std::move(handler);
    context.set_endpoint(&endpoint);
    run();
  }
  Endpoint endpoint;
};

TEST_F(Endpoints, AnswerNotFoundWithoutOne) {
  run();
  EXPECT_EQ(context.response.status, 404);
}

TEST_F(Endpoints, LayTheirResponseOverTheContexts) {
  context.response.headers.append("Cache-Control", "no-store");
  context.response.headers.append("Vary", "Origin");
  context.response.headers.append("X-Below", "1");
  serve(make_handler([] {
    Response response{.status = 201, .body = "made"};
    response.headers.append("Cache-Control", "max-age=5");
    response.headers.append("Vary", "Accept");
    return response;
  }));
  EXPECT_EQ(context.response.status, 201);
  EXPECT_EQ(context.response.body, "made");
  EXPECT_THAT(context.response.headers.find_all("Cache-Control"), ElementsAre("max-age=5"));
  EXPECT_THAT(context.response.headers.find_all("Vary"), ElementsAre("Origin", "Accept"));
  EXPECT_EQ(context.response.headers.find("X-Below"), "1");
}

TEST_F(Endpoints, MayBeAnyCallable) {
  const auto serve_body = [this](Handler handler) {
    serve(std::move(handler));
    return std::exchange(context.response, {}).body;
  };
  EXPECT_EQ(serve_body(make_handler([] { return results::text("plain"); })), "plain");
  EXPECT_EQ(serve_body(make_handler([](HttpContext&) { return results::text("context"); })), "context");
  EXPECT_EQ(serve_body(make_handler([]() -> Task<Response> { co_return results::text("task"); })), "task");
  EXPECT_EQ(serve_body(make_handler([](HttpContext&) -> Task<Response> { co_return results::text("both"); })),
            "both");
}

TEST_F(Endpoints, ThatThrowAnswer500) {
  serve(make_handler([]() -> Response { throw std::runtime_error("defect"); }));
  EXPECT_EQ(context.response.status, 500);
}

TEST(Contexts, BeginAnonymous) {
  const Request request;
  const ServiceCollection services;
  const SystemClock clock;
  HttpContext context(request, services, clock);
  EXPECT_FALSE(context.user().is_authenticated());
  EXPECT_EQ(context.shared_user(), claims::ClaimsPrincipal::anonymous());
  const auto user = std::make_shared<const claims::ClaimsPrincipal>();
  context.set_user(user);
  EXPECT_EQ(&context.user(), user.get());
}

TEST(Features, KeepOneValueOfAType) {
  Features features;
  EXPECT_EQ(features.find<int>(), nullptr);
  features.set<int>(1);
  features.set<int>(2);
  features.get_or_add<std::string>() = "text";
  EXPECT_EQ(*features.find<int>(), 2);
  EXPECT_EQ(features.get_or_add<std::string>(), "text");
}

TEST(Services, AreFoundByTypeAndThrowWhenMissing) {
  ServiceCollection services;
  services.add_singleton<std::string>("one");
  EXPECT_EQ(services.get<std::string>(), "one");
  EXPECT_EQ(services.find<int>(), nullptr);
  EXPECT_THROW(services.get<int>(), std::logic_error);
}

}  // namespace
}  // namespace gatehouse::http
