namespace IlgpuSpp.Reports.Tests;

/// <summary>A made-up run for the tests of the report.</summary>
internal static class SampleRun
{
    /// <summary>A PNG file of one grey pixel, written by an independent encoder.</summary>
    public static readonly byte[] Pixel = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==");

    public static RunReport Of(int classes, int epochs, int samples, string prefix = "class ")
    {
        var names = Enumerable.Range(0, classes).Select(i => $"{prefix}{i}").ToArray();
        var counts = new int[classes, classes];
        for (var i = 0; i < classes; i++)
        {
            counts[i, i] = 40 + (i % 7);
            counts[i, (i + 1) % classes] += 1 + (i % 5);
        }

        return new RunReport
        {
            Title = $"{prefix}run",
            Architecture = "spp-small {6,3,2,1}",
            Device = "cpu",
            Started = new DateTimeOffset(2026, 2, 3, 14, 5, 0, TimeSpan.Zero),
            Duration = TimeSpan.FromSeconds(292),
            DatasetSummary = "1240 training and 530 validation images",
            Options = [new("weight decay", "0.0005"), new("data", $"{prefix}folder")],
            Epochs =
            [
                .. Enumerable.Range(1, epochs).Select(e => new EpochRow(
                    e, e % 2 == 1 ? 224 : 180, e <= epochs / 2 ? 0.01 : 0.001, 2.3 / e, 1 - (0.9 / e), 2.4 / e, 1 - (0.95 / e), 1 - (0.5 / e), 7.3, 500 + e)),
            ],
            BestEpoch = epochs > 0 ? epochs : null,
            Classes = names,
            ConfusionMatrix = counts,
            PerClass = [.. names.Select((name, i) => new ClassResult(name, 50, 40 + (i % 7)))],
            Samples =
            [
                .. Enumerable.Range(0, samples).Select(i => new ReportSample(
                    $"{prefix}{i}.png", Pixel, names[i % classes], [new(names[(i + (i % 2)) % classes], 0.75), new(names[0], 0.125)], i % 2 == 0)),
            ],
            Notes = [$"{prefix}file.jpg could not be decoded"],
        };
    }
}
