// Loads a running server with photographs among broken, empty and over-large ones, and sets its images a second beside those of the library's own loop.
// Arguments: the server's address, its process, the model, a folder of photographs, seconds, connections.
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Engine.Cpu;
using IlgpuSpp.Inference;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
(string url, int server, string modelPath, string folder, double seconds, int connections) = (args[0], int.Parse(args[1]), args[2], args[3], double.Parse(args[4]), int.Parse(args[5]));
byte[][] photographs = [.. Directory.EnumerateFiles(folder, "*.jpg").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
byte[] large = ImageWriter.Jpeg(new RgbImage(6000, 5000));
byte[][] bad = [photographs[0][..(photographs[0].Length / 2)], [], large, "no image"u8.ToArray()];

double before = Loop(seconds / 4);
Console.WriteLine($"library, before: {before:F1} images/s");
(double served, ConcurrentDictionary<int, int> statuses, int failed, List<(double Second, double Megabytes)> memory) = await LoadAsync();
double after = Loop(seconds / 4);
Console.WriteLine($"library, after:  {after:F1} images/s");
Console.WriteLine($"server: {served:F1} good images/s at {connections} connections, {served / ((before + after) / 2):F3} of the library's loop");
Console.WriteLine($"answers: {string.Join(", ", statuses.OrderBy(own => own.Key).Select(own => $"{own.Value} x {own.Key}"))}; good requests that failed: {failed}");
Console.WriteLine($"resident memory of the server, MB: {string.Join(", ", memory.GroupBy(own => (int)(own.Second / 10)).Select(ten => $"{ten.Key * 10}-{ten.Key * 10 + 10} s {ten.Average(own => own.Megabytes):F0}"))}");
return failed == 0 ? 0 : 1;

double Loop(double length)
{
    using var backend = new CpuBackend();
    using var classifier = Classifier.Load(modelPath, backend);
    for (int i = 0; i < 20; i++) classifier.Predict(ImageDecoder.Decode(photographs[i % photographs.Length]));
    var clock = Stopwatch.StartNew();
    int images = 0;
    while (clock.Elapsed.TotalSeconds < length) classifier.Predict(ImageDecoder.Decode(photographs[images++ % photographs.Length]));
    return images / clock.Elapsed.TotalSeconds;
}

async Task<(double, ConcurrentDictionary<int, int>, int, List<(double, double)>)> LoadAsync()
{
    using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = connections }) { BaseAddress = new Uri(url), Timeout = TimeSpan.FromMinutes(2) };
    var statuses = new ConcurrentDictionary<int, int>();
    int good = 0, failed = 0, number = 0;
    var samples = new List<(double, double)>();
    var clock = Stopwatch.StartNew();
    Task[] clients = [.. Enumerable.Range(0, connections).Select(_ => Task.Run(async () =>
    {
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            int own = Interlocked.Increment(ref number);
            bool isBad = own % 10 == 0;
            byte[] body = isBad ? bad[own / 10 % bad.Length] : photographs[own % photographs.Length];
            using HttpResponseMessage response = await client.PostAsync(new Uri("/v1/classify", UriKind.Relative), new ByteArrayContent(body));
            statuses.AddOrUpdate((int)response.StatusCode, 1, (_, count) => count + 1);
            if (!isBad) Interlocked.Increment(ref response.IsSuccessStatusCode ? ref good : ref failed);
        }
    }))];
    Task all = Task.WhenAll(clients);
    while (!all.IsCompleted)
    {
        string line = File.ReadLines($"/proc/{server}/status").First(own => own.StartsWith("VmRSS", StringComparison.Ordinal));
        samples.Add((clock.Elapsed.TotalSeconds, double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1000));
        await Task.WhenAny(all, Task.Delay(500));
    }
    await all;
    return (good / clock.Elapsed.TotalSeconds, statuses, failed, samples);
}
