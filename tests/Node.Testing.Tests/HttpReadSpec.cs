using System.Text;
using System.Text.Json.Nodes;
using Actors.Client;
using Actors.Protocol;
using Akka.Actor;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Actors.Node.Testing.Tests;

/// <summary>A read over HTTP that nobody answers, or that a broker refuses.</summary>
public sealed class HttpReadSpec
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    private static async Task<(int Status, JsonNode Body)> AnswerAsync(Func<HttpContext, Task> read)
    {
        var body = new MemoryStream();
        var http = new DefaultHttpContext { Response = { Body = body } };
        await HttpApi.ReadAsync(http, read, Patience).WaitAsync(TimeSpan.FromSeconds(20));
        return (http.Response.StatusCode, JsonNode.Parse(Encoding.UTF8.GetString(body.ToArray()))!);
    }

    [Fact]
    public async Task What_a_broker_refuses_is_told_with_503()
    {
        var (status, body) = await AnswerAsync(_ => throw new KafkaException(ErrorCode.LeaderNotAvailable, "partition t-0"));
        Assert.Equal(503, status);
        Assert.Equal("""{"error_code":50303,"message":"partition t-0: LEADER_NOT_AVAILABLE"}""", body.ToJsonString());
    }

    [Fact]
    public async Task What_is_not_answered_in_time_is_told_with_503()
    {
        const string expected = """{"error_code":50302,"message":"no answer within 0.2 s"}""";
        var (status, body) = await AnswerAsync(http => Task.Delay(Timeout.Infinite, http.RequestAborted));
        Assert.Equal((503, expected), (status, body.ToJsonString()));
        (status, body) = await AnswerAsync(_ => throw new AskTimeoutException("30 s"));
        Assert.Equal((503, expected), (status, body.ToJsonString()));
    }

    [Fact]
    public async Task An_answer_is_left_as_it_is()
    {
        var (status, body) = await AnswerAsync(http => HttpApi.ErrorAsync(http, 404, 40401, "there is no topic t"));
        Assert.Equal((404, 40401), (status, (int)body["error_code"]!));
    }

    [Fact]
    public async Task What_is_wrong_with_the_node_itself_is_not_hidden() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => AnswerAsync(_ => throw new InvalidOperationException()));
}
