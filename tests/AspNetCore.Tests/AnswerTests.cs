using System.Net;
using System.Text.Json;
using IlgpuSpp.Layers;
using IlgpuSpp.Models;

namespace IlgpuSpp.AspNetCore.Tests;

public class AnswerTests : ServerTest
{
    private static readonly (int Width, int Height)[] s_sizes = [(80, 60), (60, 80), (56, 56), (130, 57), (80, 60), (80, 60), (80, 60), (700, 40)];

    [Fact]
    public async Task Classes_are_those_of_the_library_alone_and_in_shared_passes()
    {
        await using RunningServer server = await StartAsync(options => options.MaxWait = TimeSpan.FromMilliseconds(50));
        using var classifier = Classifier.Load(ModelPath, _backend);
        RgbImage[] images = [.. Enumerable.Range(0, 32).Select(i => SmallModels.Picture(s_sizes[i % s_sizes.Length].Width, s_sizes[i % s_sizes.Length].Height, (uint)i))];
        JsonElement[] answers = await Task.WhenAll(images.Select(image => server.PostAsync("/v1/classify?top=3", Png(image))));
        for (int i = 0; i < images.Length; i++)
        {
            Assert.Equal("fruit", answers[i].GetProperty("model").GetString());
            AssertSame(classifier.Predict(images[i], 3), images[i], answers[i].GetProperty("images")[0]);
        }
        string metrics = await server.TextAsync("/metrics");
        Assert.Contains("ilgpuspp_images_total{model=\"fruit\",outcome=\"answered\"} 32\n", metrics, StringComparison.Ordinal);
        // 20 of the 32 have one size, and came at once.
        double passes = double.Parse(metrics.Split("ilgpuspp_batch_size_count{model=\"fruit\"} ")[1].Split('\n')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(passes, 5, 31);
    }

    [Fact]
    public async Task Objects_are_those_of_the_library()
    {
        SmallModels.WriteDetector(_folder["run"], _backend);
        await using RunningServer server = await RunningServer.StartAsync(models => models.UseBackend(_backend).AddDetector("finder", _folder["run"]));
        using Detector detector = Detector.Load(_folder["run"], _backend, ProposalPlan.OfDetector(_folder["run"]).Open());
        RgbImage image = SmallModels.Picture(120, 90, 3);
        IReadOnlyList<ScoredBox> found = detector.Detect(image, new DetectionOptions { MinimumScore = 0.2 }).Boxes;
        Assert.NotEmpty(found);
        JsonElement picture = (await server.PostAsync("/v1/detect?threshold=0.2", Png(image))).GetProperty("images")[0];
        Assert.Equal((120, 90), (picture.GetProperty("width").GetInt32(), picture.GetProperty("height").GetInt32()));
        JsonElement[] objects = [.. picture.GetProperty("objects").EnumerateArray()];
        Assert.Equal(found.Count, objects.Length);
        for (int i = 0; i < objects.Length; i++)
        {
            Assert.Equal(SmallModels.Classes[found[i].Label], objects[i].GetProperty("class").GetString());
            Assert.Equal(found[i].Score, objects[i].GetProperty("probability").GetDouble(), 1e-6);
            JsonElement box = objects[i].GetProperty("box");
            PixelBox own = found[i].Box;
            Assert.Equal(own.Left, box.GetProperty("x").GetDouble(), 1e-6);
            Assert.Equal(own.Top, box.GetProperty("y").GetDouble(), 1e-6);
            Assert.Equal(own.Right + 1, box.GetProperty("x").GetDouble() + box.GetProperty("width").GetDouble(), 1e-6);
            Assert.Equal(own.Bottom + 1, box.GetProperty("y").GetDouble() + box.GetProperty("height").GetDouble(), 1e-6);
        }
        Assert.Equal(0, (await server.PostAsync("/v1/detect?threshold=1", Png(image))).GetProperty("images")[0].GetProperty("objects").GetArrayLength());
    }

    [Fact]
    public async Task Several_images_of_a_request_are_answered_one_by_one_and_bad_ones_spoil_nothing()
    {
        await using RunningServer server = await StartAsync();
        using var classifier = Classifier.Load(ModelPath, _backend);
        RgbImage first = SmallModels.Picture(80, 60, 5), second = SmallModels.Picture(64, 90, 6);
        using var content = new MultipartFormDataContent
        {
            { Png(first), "image", "first.png" }, { Bytes("no image"), "image", "../../etc/passwd" }, { new StringContent("a field"), "note" }, { Png(second), "other", "C:\\photos\\second.png" }, { new ByteArrayContent([]), "image", "empty.png" },
        };
        JsonElement images = (await server.PostAsync("/v1/classify?top=3", content)).GetProperty("images");
        Assert.Equal(["first.png", "passwd", "second.png", "empty.png"], images.EnumerateArray().Select(image => image.GetProperty("file").GetString()));
        AssertSame(classifier.Predict(first, 3), first, images[0]);
        AssertSame(classifier.Predict(second, 3), second, images[2]);
        Assert.Equal([415, 400], new[] { images[1], images[3] }.Select(image => image.GetProperty("problem").GetProperty("status").GetInt32()));
    }

    [Fact]
    public async Task Heat_maps_lie_on_the_image()
    {
        await using RunningServer server = await StartAsync();
        JsonElement heat = (await server.PostAsync("/v1/classify?heatmap=true", Png(120, 60))).GetProperty("images")[0].GetProperty("heatmap");
        double[] values = [.. heat.GetProperty("values").EnumerateArray().Select(value => value.GetDouble())];
        // 56 of 48 pixels' crop: whole images are taken at 56 x 112, and the map is an eighth of that.
        Assert.Equal((7, 14), (heat.GetProperty("rows").GetInt32(), heat.GetProperty("columns").GetInt32()));
        Assert.Equal(98, values.Length);
        Assert.Equal((0, 1), (Math.Max(0, values.Min()) - values.Min(), values.Max()));
        Assert.InRange(heat.GetProperty("width").GetDouble(), 110, 130);
        Assert.InRange(heat.GetProperty("x").GetDouble(), -9, 9);
    }

    [Fact]
    public async Task Behind_a_global_average_the_evidence_is_that_for_the_class()
    {
        // Pixels as they are, their mean, and class 0 for red, class 1 for green: the evidence is where the colour is.
        var conv = new Conv2d(3, 3, kernel: 1, bias: false) { Name = "conv" };
        var head = new Linear(3, 2) { Name = "head" };
        var network = new Model(new ModelDescription { Architecture = "means", Options = new ModelOptions { Classes = 2 }, ClassNames = ["red", "green"] }, new Sequential(conv, new GlobalAveragePool { Name = "mean" }, head), _backend, 1);
        conv.Parameters[0].Value.Upload([1, 0, 0, 0, 1, 0, 0, 0, 1]);
        head.Weight.Value.Upload([1, 0, 0, 0, 1, 0]);
        using (var trained = new TrainedModel(network, new InputPreparation { MinSide = 4, CropSize = 4, Normalisation = InputNormalisation.Constant(0, 255) }, 4)) trained.Save(_folder["means.safetensors"]);
        var image = new RgbImage(6, 4);
        for (int y = 0; y < 4; y++)
            for (int x = 0; x < 6; x++) image.Pixels[(y * 6 + x) * 3 + (x < 4 ? 0 : 1)] = (byte)(x == 0 ? 51 : 255);
        await using RunningServer server = await RunningServer.StartAsync(models => models.UseBackend(_backend).AddClassifier("means", _folder["means.safetensors"]));
        JsonElement picture = (await server.PostAsync("/v1/classify?heatmap=true", Png(image))).GetProperty("images")[0], heat = picture.GetProperty("heatmap");
        Assert.Equal(("red", "class", "red"), (picture.GetProperty("classes")[0].GetProperty("name").GetString(), heat.GetProperty("kind").GetString(), heat.GetProperty("class").GetString()));
        Assert.Equal(Enumerable.Repeat((double[])[0.2, 1, 1, 1, 0, 0], 4).SelectMany(row => row), heat.GetProperty("values").EnumerateArray().Select(value => value.GetDouble()));
        Assert.Equal((0, 0, 6, 4), (heat.GetProperty("x").GetDouble(), heat.GetProperty("y").GetDouble(), heat.GetProperty("width").GetDouble(), heat.GetProperty("height").GetDouble()));
    }

    [Fact]
    public async Task Models_state_and_description_are_told()
    {
        await using RunningServer server = await StartAsync();
        JsonElement model = (await server.GetAsync("/v1/models")).GetProperty("models")[0];
        Assert.Equal(("fruit", "classifier", 1), (model.GetProperty("name").GetString(), model.GetProperty("kind").GetString(), model.GetProperty("version").GetInt32()));
        Assert.Equal(SmallModels.Classes, model.GetProperty("classes").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal("ok", (await server.GetAsync("/healthz")).GetProperty("status").GetString());
        Assert.Equal("ready", (await server.GetAsync("/readyz")).GetProperty("status").GetString());
        JsonElement description = await server.GetAsync("/openapi.json");
        Assert.StartsWith("3.1", description.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        foreach (JsonProperty path in description.GetProperty("paths").EnumerateObject().ToArray())
        {
            bool posts = path.Value.TryGetProperty("post", out JsonElement operation);
            if (!posts) operation = path.Value.GetProperty("get");
            using var request = new HttpRequestMessage(posts ? HttpMethod.Post : HttpMethod.Get, new Uri(path.Name, UriKind.Relative)) { Content = posts ? Bytes("") : null };
            using HttpResponseMessage response = await server.Client.SendAsync(request);
            Assert.True(operation.GetProperty("responses").TryGetProperty(((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture), out _), $"{path.Name} answers {response.StatusCode}");
        }
        foreach (JsonElement reference in References(description)) Assert.True(description.GetProperty("components").GetProperty("schemas").TryGetProperty(reference.GetString()!.Split('/')[^1], out _));
    }

    [Fact]
    public async Task Metrics_are_text_that_Prometheus_reads()
    {
        await using RunningServer server = await StartAsync();
        await server.PostAsync("/v1/classify", Png());
        await server.PostAsync("/v1/classify", Bytes("x"), HttpStatusCode.UnsupportedMediaType);
        string text = await server.TextAsync("/metrics");
        Assert.All(text.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches("^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\\{[a-z_]+=\"[^\"]*\"(,[a-z_]+=\"[^\"]*\")*\\})? [0-9.E+-]+)$", line));
        foreach (string line in (string[])[
            "ilgpuspp_requests_total{endpoint=\"classify\",status=\"200\"} 1", "ilgpuspp_requests_total{endpoint=\"classify\",status=\"415\"} 1",
            "ilgpuspp_request_duration_seconds_count{endpoint=\"classify\"} 2", "ilgpuspp_batch_size_bucket{model=\"fruit\",le=\"1\"} 1", "ilgpuspp_queue_length 0", "ilgpuspp_memory_reserved_bytes 0"])
            Assert.Contains(line + "\n", text, StringComparison.Ordinal);
    }

    private static void AssertSame(IReadOnlyList<Guess> expected, RgbImage image, JsonElement answer)
    {
        Assert.Equal((image.Width, image.Height), (answer.GetProperty("width").GetInt32(), answer.GetProperty("height").GetInt32()));
        JsonElement[] classes = [.. answer.GetProperty("classes").EnumerateArray()];
        Assert.Equal(expected.Select(guess => (guess.ClassName, guess.Index)), classes.Select(own => (own.GetProperty("name").GetString()!, own.GetProperty("index").GetInt32())));
        for (int i = 0; i < classes.Length; i++) Assert.Equal(expected[i].Probability, classes[i].GetProperty("probability").GetDouble(), 1e-6);
    }

    private static IEnumerable<JsonElement> References(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(own => own.Name == "$ref" ? [own.Value] : References(own.Value)),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(References),
        _ => [],
    };
}
