using System.Text.Json;

namespace IlgpuSpp.AspNetCore.Tests;

public class ReloadTests : ServerTest
{
    [Fact]
    public async Task Another_file_takes_the_models_place_a_broken_or_missing_one_does_not_and_no_request_is_lost()
    {
        await using RunningServer server = await StartAsync();
        RgbImage image = SmallModels.Picture(80, 60);
        using var end = new CancellationTokenSource();
        // Requests all the while, from several clients.
        Task<int>[] clients = [.. Enumerable.Range(0, 4).Select(async _ =>
        {
            int answered = 0;
            while (!end.IsCancellationRequested)
            {
                await server.PostAsync("/v1/classify", Png(image));
                answered++;
            }
            return answered;
        })];
        double[] before = await Probabilities();

        SmallModels.WriteClassifier(ModelPath, _backend, seed: 10);
        File.SetLastWriteTimeUtc(ModelPath, DateTime.UtcNow.AddSeconds(10));
        server.Catalog.Refresh();
        double[] after = await Probabilities();
        Assert.True(Math.Abs(before[0] - after[0]) > 1e-4);
        using (var classifier = Classifier.Load(ModelPath, _backend)) Assert.Equal(classifier.Predict(image, 3).Select(guess => guess.Probability), after, Near);
        Assert.Equal((2, null), await State());

        byte[] good = File.ReadAllBytes(ModelPath);
        File.WriteAllBytes(ModelPath, good[..(good.Length / 2)]);
        server.Catalog.Refresh();
        server.Catalog.Refresh();
        Assert.Equal(after, await Probabilities(), Near);
        Assert.Equal((2, "the newest file cannot be loaded"), await State());
        Assert.Equal(1, server.Log.Text.Split('\n').Count(line => line.Contains("the old model goes on", StringComparison.Ordinal)));

        File.Delete(ModelPath);
        server.Catalog.Refresh();
        server.Catalog.Refresh();
        Assert.Equal(after, await Probabilities(), Near);
        Assert.Equal((2, "the file is gone"), await State());
        Assert.Equal(1, server.Log.Text.Split('\n').Count(line => line.Contains("is gone", StringComparison.Ordinal)));

        SmallModels.WriteClassifier(ModelPath, _backend, seed: 9);
        server.Catalog.Refresh();
        Assert.Equal(before, await Probabilities(), Near);
        await end.CancelAsync();
        Assert.All(await Task.WhenAll(clients), answered => Assert.True(answered > 0));
        string metrics = await server.TextAsync("/metrics");
        Assert.Contains("ilgpuspp_model_loads_total{model=\"fruit\",outcome=\"used\"} 2\n", metrics, StringComparison.Ordinal);
        Assert.Contains("ilgpuspp_model_loads_total{model=\"fruit\",outcome=\"refused\"} 1\n", metrics, StringComparison.Ordinal);

        static bool Near(double a, double b) => Math.Abs(a - b) < 1e-6;

        async Task<double[]> Probabilities() =>
            [.. (await server.PostAsync("/v1/classify", Png(image))).GetProperty("images")[0].GetProperty("classes").EnumerateArray().Select(own => own.GetProperty("probability").GetDouble())];

        async Task<(int, string?)> State()
        {
            JsonElement model = (await server.GetAsync("/v1/models")).GetProperty("models")[0];
            return (model.GetProperty("version").GetInt32(), model.TryGetProperty("problem", out JsonElement problem) ? problem.GetString() : null);
        }
    }

    [Fact]
    public async Task The_watch_sees_a_new_file_by_itself()
    {
        await using RunningServer server = await RunningServer.StartAsync(models => models.UseBackend(_backend).AddClassifier("fruit", ModelPath).WatchForChanges(TimeSpan.FromMilliseconds(20)));
        SmallModels.WriteClassifier(ModelPath, _backend, seed: 10);
        File.SetLastWriteTimeUtc(ModelPath, DateTime.UtcNow.AddSeconds(10));
        while ((await server.GetAsync("/v1/models")).GetProperty("models")[0].GetProperty("version").GetInt32() < 2) await Task.Yield();
    }

    [Fact]
    public async Task A_stop_finishes_what_is_there()
    {
        await using RunningServer server = await StartAsync();
        using var slow = new SlowBody();
        Task<JsonElement> answer = server.PostAsync("/v1/classify", slow);
        await server.HoldsAsync(1);
        Task stop = server.StopAsync();
        slow.Finish.SetResult();
        Assert.Equal(3, (await answer).GetProperty("images")[0].GetProperty("classes").GetArrayLength());
        await stop;
        await Assert.ThrowsAsync<HttpRequestException>(() => server.GetAsync("/healthz"));
    }
}
