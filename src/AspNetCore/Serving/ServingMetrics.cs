using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace IlgpuSpp.AspNetCore;

/// <summary>What a server counts, as instruments of .NET (meter and traces <c>IlgpuSpp.AspNetCore</c>).</summary>
internal sealed class ServingMetrics : IDisposable
{
    public const string Name = "IlgpuSpp.AspNetCore";

    private static readonly double[] s_seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
    private static readonly int[] s_images = [1, 2, 4, 8, 16, 32, 64];

    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _requests, _images, _loads;
    private readonly Histogram<double> _duration, _pass;
    private readonly Histogram<int> _batch;

    public ServingMetrics(Admission admission)
    {
        _requests = _meter.CreateCounter<long>("ilgpuspp.requests", null, "Requests answered.");
        _images = _meter.CreateCounter<long>("ilgpuspp.images", null, "Images answered.");
        _loads = _meter.CreateCounter<long>("ilgpuspp.model.loads", null, "Model files that replaced another, and those that could not.");
        _duration = _meter.CreateHistogram("ilgpuspp.request.duration", "s", "Time from a request's head to its answer.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = s_seconds });
        _pass = _meter.CreateHistogram("ilgpuspp.pass.duration", "s", "Time of a pass through a model.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = s_seconds });
        _batch = _meter.CreateHistogram("ilgpuspp.batch.size", null, "Images of a pass.", null, new InstrumentAdvice<int> { HistogramBucketBoundaries = s_images });
        _meter.CreateObservableGauge("ilgpuspp.queue.length", () => admission.Inside, null, "Images in the server.");
        _meter.CreateObservableGauge("ilgpuspp.memory.reserved", () => admission.Bodies.Taken + admission.Pixels.Taken, "By", "Bytes set aside for images that arrive and are decoded.");
        Text = new PrometheusText(_meter);
    }

    /// <summary>Traces of images and passes, beside those of ASP.NET's requests.</summary>
    public static ActivitySource Traces { get; } = new(Name);

    /// <summary>The instruments' values for Prometheus.</summary>
    public PrometheusText Text { get; }

    public void Request(string endpoint, int status, double seconds)
    {
        _requests.Add(1, new("endpoint", endpoint), new("status", status));
        _duration.Record(seconds, new KeyValuePair<string, object?>("endpoint", endpoint));
    }

    public void Image(string model, bool good) => _images.Add(1, new("model", model), new("outcome", good ? "answered" : "refused"));

    public void Pass(string model, int images, double seconds)
    {
        _batch.Record(images, new KeyValuePair<string, object?>("model", model));
        _pass.Record(seconds, new KeyValuePair<string, object?>("model", model));
    }

    public void Loaded(string model, bool good) => _loads.Add(1, new("model", model), new("outcome", good ? "used" : "refused"));

    /// <inheritdoc/>
    public void Dispose()
    {
        Text.Dispose();
        _meter.Dispose();
    }
}
