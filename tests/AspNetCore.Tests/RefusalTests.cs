using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace IlgpuSpp.AspNetCore.Tests;

public class RefusalTests : ServerTest
{
    [Fact]
    public async Task Bad_bodies_and_parameters_are_refused_in_a_line()
    {
        await using RunningServer server = await StartAsync(options => (options.MaxImageBytes, options.MaxPixels, options.MaxImages) = (60_000, 10_000, 2));
        byte[] png = ImageWriter.Png(SmallModels.Picture(80, 60));
        await Refused("/v1/classify", new ByteArrayContent([]), HttpStatusCode.BadRequest, "empty");
        await Refused("/v1/classify", Bytes("<html>"), HttpStatusCode.UnsupportedMediaType, "web page");
        await Refused("/v1/classify", new ByteArrayContent(png[..(png.Length / 2)]), HttpStatusCode.BadRequest, "truncated PNG");
        await Refused("/v1/classify", Png(101, 100), HttpStatusCode.UnprocessableEntity, "101 x 100");
        await Refused("/v1/classify", Png(200, 4), HttpStatusCode.UnprocessableEntity, "32 times");
        await Refused("/v1/classify", new ByteArrayContent(new byte[60_001]), HttpStatusCode.RequestEntityTooLarge, "60000 bytes");
        await Refused("/v1/classify", new StreamContent(new MemoryStream(new byte[60_001])) { Headers = { ContentLength = null } }, HttpStatusCode.RequestEntityTooLarge, "60000 bytes");
        await Refused("/v1/classify?model=nobody", Png(), HttpStatusCode.NotFound, "fruit");
        await Refused("/v1/classify?top=0", Png(), HttpStatusCode.BadRequest, "top");
        await Refused("/v1/classify?heatmap=perhaps", Png(), HttpStatusCode.BadRequest, "heatmap");
        await Refused("/v1/detect", Png(), HttpStatusCode.NotFound, "no detector");
        await Refused("/v1/classify", new MultipartFormDataContent { { Png(), "a", "1.png" }, { Png(), "b", "2.png" }, { Png(), "c", "3.png" } }, HttpStatusCode.RequestEntityTooLarge, "more than 2 images");
        await Refused("/v1/classify", new MultipartFormDataContent { { new StringContent("x"), "note" } }, HttpStatusCode.BadRequest, "no file");
        await Refused("/v1/classify", new ByteArrayContent(png) { Headers = { ContentType = MediaTypeHeaderValue.Parse("multipart/form-data") } }, HttpStatusCode.BadRequest, "boundary");
        await Refused("/v1/classify", new ByteArrayContent(png) { Headers = { ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=x") } }, HttpStatusCode.BadRequest, "multipart");
        // And all the while nothing was left behind.
        await server.PostAsync("/v1/classify", Png());
        Assert.Equal((0, 0), (server.Admission.Bodies.Taken, server.Admission.Pixels.Taken));

        async Task Refused(string path, HttpContent content, HttpStatusCode status, string detail) =>
            Assert.Contains(detail, (await server.PostAsync(path, content, status)).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Content-Length: 1000\r\n\r\nabc", "400")]
    [InlineData("Content-Length: 99999999999\r\n\r\nabc", "413")]
    [InlineData("Content-Length: -5\r\n\r\nabc", "400")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nzz\r\nabc", "400")]
    public async Task Lengths_that_lie_are_answered_and_the_server_goes_on(string rest, string status)
    {
        await using RunningServer server = await StartAsync();
        using (var client = new TcpClient())
        {
            await client.ConnectAsync("127.0.0.1", server.Client.BaseAddress!.Port);
            NetworkStream stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /v1/classify HTTP/1.1\r\nHost: localhost\r\n{rest}"));
            client.Client.Shutdown(SocketShutdown.Send);
            using var reader = new StreamReader(stream);
            string? first = null;
            try
            {
                first = await reader.ReadLineAsync();
            }
            catch (IOException)
            {
                // Whoever goes in the middle of his body gets no answer.
            }
            if (first is not null) Assert.StartsWith($"HTTP/1.1 {status}", first, StringComparison.Ordinal);
        }
        await server.PostAsync("/v1/classify", Png());
        Assert.Equal(0, server.Admission.Bodies.Taken);
    }

    [Fact]
    public async Task A_full_server_says_so_at_once_and_takes_the_next_when_there_is_room()
    {
        await using RunningServer server = await StartAsync(options => options.QueueLimit = 1);
        using var slow = new SlowBody();
        Task<HttpResponseMessage> first = server.Client.PostAsync(new Uri("/v1/classify", UriKind.Relative), slow);
        await server.HoldsAsync(1);
        using HttpResponseMessage second = await server.Client.PostAsync(new Uri("/v1/classify", UriKind.Relative), Png());
        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), second.Headers.RetryAfter!.Delta);
        slow.Finish.SetResult();
        using HttpResponseMessage answer = await first;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await server.PostAsync("/v1/classify", Png());
    }

    [Fact]
    public async Task A_request_ends_with_its_time()
    {
        await using RunningServer server = await StartAsync(options => options.Timeout = TimeSpan.FromMilliseconds(300));
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", server.Client.BaseAddress!.Port);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes("POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nabc"));
        using var reader = new StreamReader(stream);
        Assert.StartsWith("HTTP/1.1 503", await reader.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_are_asked_for_where_there_is_one()
    {
        await using RunningServer server = await StartAsync(options => options.ApiKey = "open sesame");
        await server.PostAsync("/v1/classify", Png(), HttpStatusCode.Unauthorized);
        foreach (string path in (string[])["/v1/models", "/metrics"]) await server.GetAsync(path, HttpStatusCode.Unauthorized);
        server.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "open sesam");
        await server.PostAsync("/v1/classify", Png(), HttpStatusCode.Unauthorized);
        server.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "open sesame");
        await server.PostAsync("/v1/classify", Png());
        server.Client.DefaultRequestHeaders.Authorization = null;
        server.Client.DefaultRequestHeaders.Add("X-Api-Key", "open sesame");
        await server.GetAsync("/v1/models");
        server.Client.DefaultRequestHeaders.Clear();
        foreach (string path in (string[])["/healthz", "/readyz", "/openapi.json"]) await server.GetAsync(path);
        Assert.Contains("<title>", await server.TextAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_cannot_be_loaded_stops_the_start()
    {
        _folder.Text("broken.safetensors", "no model");
        await Assert.ThrowsAsync<ModelFormatException>(() => RunningServer.StartAsync(models => models.UseBackend(_backend).AddClassifier("broken", _folder["broken.safetensors"])));
        Assert.Throws<OptionsException>(() => new IlgpuSppBuilderProbe().Twice());
    }

    private sealed class IlgpuSppBuilderProbe
    {
        public void Twice() => Microsoft.Extensions.DependencyInjection.IlgpuSppServices.AddIlgpuSpp(new Microsoft.Extensions.DependencyInjection.ServiceCollection()).AddClassifier("a", "x").AddClassifier("a", "y");
    }
}
