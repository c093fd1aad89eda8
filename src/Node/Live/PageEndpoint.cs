using Actors.WebConsole;
using Actors.Hocon;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Actors.Node.Live;

/// <summary>The web page at <c>/</c> with its files below <c>/page/</c>, and the graphs it draws.</summary>
internal static class PageEndpoint
{
    public static void Map(WebApplication app, NodeState node)
    {
        app.MapGet("/", http => AnswerAsync(http, Page.Files["index.html"]));
        foreach (var (path, file) in Page.Files)
            app.MapGet($"/page/{path}", http => AnswerAsync(http, file));
        HttpApi.MapRead(app, "/topologies/{name}/graph", http => GraphAsync(http, node, (string)http.Request.RouteValues["name"]!));
    }

    private static Task AnswerAsync(HttpContext http, PageFile file)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Page.ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-cache";
        http.Response.ContentType = file.ContentType;
        http.Response.ContentLength = file.Bytes.Length;
        return http.Response.Body.WriteAsync(file.Bytes, http.RequestAborted).AsTask();
    }

    private static async Task GraphAsync(HttpContext http, NodeState node, string name)
    {
        if (node.Topologies is not { } deployed || await deployed.TextAsync(name, http.RequestAborted) is not { } text)
        {
            await HttpApi.ErrorAsync(http, 404, 40401, $"there is no topology {name}");
            return;
        }
        try
        {
            await HttpApi.AnswerAsync(http, TopologyGraph.Of(text));
        }
        catch (HoconException e)
        {
            await HttpApi.ErrorAsync(http, 500, 50001, $"topology {name} cannot be drawn: {e.Message}");
        }
    }
}
