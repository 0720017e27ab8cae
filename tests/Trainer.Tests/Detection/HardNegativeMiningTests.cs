using IlgpuSpp.Detection;
using static IlgpuSpp.Detection.Tests.Truth;
using static IlgpuSpp.Training.Tests.HandMadeWindows;

namespace IlgpuSpp.Training.Tests;

/// <summary>
/// Every constant of the paper's and the release's support vector machines on windows made for it. Each window has an axis of its own, so that its weight says whether
/// the machine saw it. With few examples every one is inside its margin and α stays at its bound, so that the machine is known by hand: on features of length 20,
/// w = 2C·20 on the object's axis and −C·20 on a negative's, b = 10²·C·(2·objects − negatives).
/// </summary>
public sealed class HardNegativeMiningTests : DetectionTest
{
    private const int Object = 0, First = 1;

    private static readonly PixelBox Thing = Box(0, 0, 99, 99);

    // Away from the thing and from each other.
    private static readonly PixelBox[] Away = [Box(150, 0, 199, 49), Box(250, 0, 299, 49), Box(350, 0, 399, 49), Box(450, 0, 499, 49), Box(150, 100, 199, 149), Box(250, 100, 299, 149)];

    // Overlap the thing too much to be negatives: they only count for the mean length of the features.
    private static readonly PixelBox[] Near = [Box(0, 0, 49, 99), Box(0, 0, 59, 99), Box(0, 0, 69, 99)];

    private readonly List<string> _notes = [];

    private (float[] Weights, float Bias) Mine(HandMadeWindows windows, SvmOptions? options = null)
    {
        using var head = new WindowHead(windows.Model, windows);
        (float[][] weights, float[] biases) = new HardNegativeMining(windows.Images("thing"), head, options ?? new SvmOptions(), 1, _warnings).Run(new Notes(_notes), CancellationToken.None);
        return (weights[0], biases[0]);
    }

    [Fact]
    public void NegativesOverlapTheirObjectsByLessThan03_AndEachOtherByAtMost07()
    {
        using var windows = new HandMadeWindows(_backend, 7);
        PixelBox exactly03 = Box(0, 0, 29, 99), below03 = Box(40, 10, 85, 74), whole = Box(200, 0, 299, 99), exactly07 = Box(200, 0, 269, 99), above07 = Box(227, 0, 299, 95);
        Assert.Equal([0.3, 0.299, 0.7, 0.7008], new[] { (Thing, exactly03), (Thing, below03), (whole, exactly07), (whole, above07) }.Select(pair => BoxOverlap.IntersectionOverUnion(pair.Item1, pair.Item2)));
        windows.Add([Item(Thing)], (Thing, Along(0)), (exactly03, Along(1)), (below03, Along(2)), (whole, Along(3)), (exactly07, Along(4)), (above07, Along(5)), (Box(400, 0, 499, 99), Along(6)));

        (float[] weights, float bias) = Mine(windows);
        // C = 0.001, twice for objects; features of length 1 are taken at 20, which the weights take back: 2C·20·20 and C·20·20.
        double[] expected = [0.8, 0, -0.4, -0.4, -0.4, 0, -0.4];
        for (int axis = 0; axis < 7; axis++) Assert.Equal(expected[axis], weights[axis], 1e-5);
        // A bias feature of 10: 100·(2C − 4C).
        Assert.Equal(-0.2, bias, 1e-5);
    }

    // The release's rule: any overlap, but no two on the same responses.
    [Theory]
    [InlineData(0.7, 3)]
    [InlineData(1, 3)]
    public void NegativesOnTheSameResponses_AreLeftOutByTheRelease(double overlap, int left)
    {
        using var windows = new HandMadeWindows(_backend, 3);
        float[] alike = Along(First);
        // Two on the same responses that hardly overlap; two on others that nearly cover each other.
        windows.Add([Item(Thing)], (Thing, Along(Object)), (Away[0], alike), (Away[1], alike), (Away[2], Along(2)), (Away[2] with { Right = Away[2].Right - 1 }, Along(2)));
        Mine(windows, new SvmOptions { DuplicateOverlap = overlap });
        Assert.Equal([$"{left} hard negatives"], _notes);
        (float[] weights, _) = Mine(windows, new SvmOptions { DuplicateOverlap = overlap });
        Assert.Equal(overlap < 1 ? (-0.8, -0.4) : (-0.4, -0.8), (Math.Round(weights[First], 4), Math.Round(weights[2], 4)));
    }

    [Fact]
    public void AfterTheFirstImage_NegativesAboveMinus10001AreHard()
    {
        using var windows = new HandMadeWindows(_backend, 6);
        // The machine of the first image has w = −0.02 on the first negative's axis and b = −0.2: scores of −1.00005 and −1.00015 at 20 times these lengths.
        float[] hard = Along(First, 0.80005 / 0.02 / 20), easy = Along(First, 0.80015 / 0.02 / 20);
        // With these three the lengths of all windows are 1 on average.
        windows.Add([Item(Thing)], [(Thing, Along(Object)), .. Away.Take(4).Select((box, i) => (box, Along(First + i))), (Near[0], Along(5, 5 - hard[^1] - easy[^1])), (Near[1], []), (Near[2], [])]);
        windows.Add([], (Box(0, 200, 99, 299), hard), (Box(200, 200, 299, 299), easy));
        Mine(windows);
        Assert.Equal(["4 hard negatives", "5 hard negatives"], _notes);
        // One pass that mines, and one before it for the objects and the mean length.
        Assert.Equal([2, 2], windows.Opened);
    }

    [Fact]
    public void NegativesBelowMinus12AreDropped()
    {
        using var windows = new HandMadeWindows(_backend, 6);
        // Scores of −1.19 and −1.21; both are right by more than the margin and change nothing in the machine.
        float[] kept = Along(First, 0.99 / 0.02 / 20), dropped = Along(First, 1.01 / 0.02 / 20);
        windows.Add(
            [Item(Thing)],
            [(Thing, Along(Object)), .. Away.Take(4).Select((box, i) => (box, Along(First + i))), (Away[4], kept), (Away[5], dropped), .. Near.Select(box => (box, Array.Empty<float>()))]);
        Mine(windows);
        Assert.Equal(["5 hard negatives"], _notes);
    }

    // Two negatives lie opposite the object and get −1.32 from a machine that has seen so many negatives without features that b = −1: they are dropped when it is trained again.
    [Theory]
    [InlineData(2000, 6 + 2000)]
    [InlineData(2001, 6 + 2001 - 2)]
    public void AMachineIsTrainedAgainAfterMoreThan2000NewNegatives(int count, int left)
    {
        using var windows = new HandMadeWindows(_backend, 7);
        // Of the second image's windows, which have length 0, 200 count for the mean length.
        windows.Add(
            [Item(Thing)],
            [(Thing, Along(Object)), .. Away.Take(4).Select((box, i) => (box, Along(First + i))), (Away[4], Along(Object, -0.4)), (Away[5], Along(Object, -0.4)), (Near[0], Along(6, 200 + 2 * 0.6 + 1))]);
        windows.Add([], [.. Enumerable.Range(0, count).Select(i => (Box(i % 80 * 7, 200 + i / 80 * 7, i % 80 * 7 + 4, 204 + i / 80 * 7), Array.Empty<float>()))]);
        Mine(windows);
        Assert.Equal(["6 hard negatives", $"{left} hard negatives"], _notes);
    }

    // Section 4.5: the training set of DET contributes its objects as positives and nothing else.
    [Fact]
    public void ImagesWhoseObjectsAloneAreLearntFrom_GiveNoNegatives()
    {
        using var windows = new HandMadeWindows(_backend, 7);
        PixelBox other = Box(100, 200, 199, 299), animal = Box(300, 200, 399, 299);
        windows.Add([Item(Thing)], (Thing, Along(Object)), (Away[0], Along(First)), (Away[1], Along(2)), (Away[2], Along(3)));
        // An object half as long as the windows are on average; one of another class, and a proposal, neither of them a negative.
        windows.AddObjects([Item(other), Item(animal, 1)], (other, Along(4, 0.5)), (animal, Along(5)), (Box(0, 350, 49, 399), Along(6)));
        using var head = new WindowHead(windows.Model, windows);
        (float[][] weights, float[] biases) = new HardNegativeMining(windows.Images("thing", "animal"), head, new SvmOptions(), 1, _warnings).Run(new Notes(_notes), CancellationToken.None);
        Assert.Equal([0.8, -0.4, -0.4, -0.4, 0.4, 0, 0], weights[0].Select(weight => Math.Round(weight, 4)));
        // All of the first image's windows are negatives of the other class.
        Assert.Equal([-0.4, -0.4, -0.4, -0.4, 0, 0.8, 0], weights[1].Select(weight => Math.Round(weight, 4)));
        // 100·(2·2C − 3C) and 100·(2C − 4C).
        Assert.Equal([0.1, -0.2], biases.Select(bias => Math.Round(bias, 5)));
        Assert.Equal([2, 1], windows.Opened);
    }

    private sealed class Notes(List<string> notes) : IProgress<DetectorProgress>
    {
        public void Report(DetectorProgress value)
        {
            if (value.Stage == "support vector machines") notes.Add(value.Note);
        }
    }
}
