using System.Net;
using System.Text.Json;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Xunit;

namespace Actors.Node.Tests;

/// <summary>What <c>/topics</c>, <c>/topics/{t}</c> and <c>/cluster</c> say, field by field.</summary>
public sealed class HttpSpec(NodeOfClass fixture) : IClassFixture<NodeOfClass>, IDisposable
{
    private readonly NodeUnderTest _node = fixture.Node;
    private readonly HttpClient _http = new() { BaseAddress = fixture.Node.Http };
    private readonly WireClient _client = new(fixture.Node.Kafka);

    public void Dispose()
    {
        _client.Dispose();
        _http.Dispose();
    }

    [Fact]
    public void A_topic_is_shown_as_Kafka_clients_see_it()
    {
        _client.CreateTopic("shown", partitions: 3);
        for (var records = 0; records < 3; records++)
            Assert.Equal(0, _client.Produce("shown", WireClient.Batch(10)).ErrorCode);
        var delete = new DeleteRecordsRequest { TimeoutMs = 10_000 };
        delete.Topics.Add(new DeleteRecordsRequest.DeleteRecordsTopic { Name = "shown", Partitions = [new() { PartitionIndex = 0, Offset = 1 }] });
        Assert.Equal(0, _client.Ask<DeleteRecordsResponse>(delete, 2).Topics[0].Partitions[0].ErrorCode);
        var told = _client.Ask<MetadataResponse>(new MetadataRequest { Topics = [new() { Name = "shown" }] }, 12).Topics.Single();
        var epochs = told.Partitions.OrderBy(partition => partition.PartitionIndex).Select(partition => partition.LeaderEpoch).ToArray();

        Assert.Equal($$"""{"name":"shown","id":"{{told.TopicId}}","internal":false,"partitions":3}""", Get("topics").EnumerateArray().Single(topic => topic.GetProperty("name").GetString() == "shown").GetRawText());
        Assert.Equal(
            $$"""
            {"name":"shown","id":"{{told.TopicId}}","internal":false,"partitions":[
            {"partition":0,"leader":1,"leader_epoch":{{epochs[0]}},"start_offset":1,"end_offset":3},
            {"partition":1,"leader":1,"leader_epoch":{{epochs[1]}},"start_offset":0,"end_offset":0},
            {"partition":2,"leader":1,"leader_epoch":{{epochs[2]}},"start_offset":0,"end_offset":0}]}
            """.ReplaceLineEndings(""), Get("topics/shown").GetRawText());
    }

    [Fact]
    public void Topics_are_listed_by_name_and_internal_ones_are_marked()
    {
        _client.CreateTopic("listed");
        _client.CreateTopic("Listed");
        Commit("readers", "listed");
        var listed = Get("topics").EnumerateArray().Select(topic => (Name: topic.GetProperty("name").GetString()!, Internal: topic.GetProperty("internal").GetBoolean())).ToList();
        Assert.Equal(listed.Select(topic => topic.Name).Order(StringComparer.Ordinal), listed.Select(topic => topic.Name));
        Assert.Subset(listed.ToHashSet(), new HashSet<(string, bool)> { ("Listed", false), ("listed", false), ("__consumer_offsets", true) });
    }

    [Theory]
    [InlineData("topics/none")]
    [InlineData("topics/no%20topic")]
    public void A_topic_that_is_not_there_is_404(string path)
    {
        var answer = _http.GetAsync(path).Result;
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal($$"""{"error_code":40401,"message":"there is no topic {{Uri.UnescapeDataString(path["topics/".Length..])}}"}""", answer.Content.ReadAsStringAsync().Result);
    }

    [Fact]
    public void A_node_is_shown_with_the_partitions_groups_and_tasks_it_has()
    {
        _client.CreateTopic("worked-on", partitions: 3);
        Commit("workers", "worked-on");
        using var topologies = new TopologyClient(_node);
        var (status, body) = topologies.Put("copying", """topology { name = copying, sources { s { topic = worked-on } }, flows { f { from = s, stages = [ { to { topic = copied } } ] } } }""");
        Assert.True(status == HttpStatusCode.Created, body);
        Polling.Until(() => topologies.Get("copying"), topology => topology is { State: "running", Tasks: 3 }, 20, "a task for each partition runs");
        // It alone leads all there is.
        Polling.Until(() => Get("cluster").GetRawText(), cluster => cluster == Expected(), 20, "the node is shown with what it has");

        string Expected()
        {
            var (leaders, groups) = (Get("topics").EnumerateArray().Sum(topic => topic.GetProperty("partitions").GetInt32()), Get("groups").GetArrayLength());
            Assert.True(leaders > 50 && groups >= 1, $"{leaders} partitions and {groups} groups");
            return $$"""{"nodes":[{"id":1,"kafka":"{{_node.Kafka}}","http":"http://{{_node.Http.Authority}}","roles":["broker","streams"],"status":"up","leaders":{{leaders}},"groups":{{groups}},"tasks":3}],"controller":1}""";
        }
    }

    private JsonElement Get(string path) => JsonDocument.Parse(_http.GetStringAsync(path).Result).RootElement;

    /// <summary>An offset of a group without members, which makes the group.</summary>
    private void Commit(string group, string topic)
    {
        var commit = new OffsetCommitRequest { GroupId = group, GenerationIdOrMemberEpoch = -1, MemberId = "" };
        commit.Topics.Add(new OffsetCommitRequest.OffsetCommitRequestTopic { Name = topic, Partitions = [new() { PartitionIndex = 0, CommittedOffset = 0, CommittedMetadata = "" }] });
        var find = new FindCoordinatorRequest { Key = group };
        Polling.Until(() => (ErrorCode)_client.Ask<FindCoordinatorResponse>(find, 3).ErrorCode, error => error == ErrorCode.None, 20, "the group has a coordinator");
        Polling.Until(() => (ErrorCode)_client.Ask<OffsetCommitResponse>(commit, 7).Topics[0].Partitions[0].ErrorCode, error => error == ErrorCode.None, 20, "an offset is committed");
    }
}
