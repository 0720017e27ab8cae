using static IlgpuSpp.Detection.Tests.Truth;

namespace IlgpuSpp.Training.Tests;

/// <summary>Which object a window of a training image belongs to.</summary>
public sealed class TrainingWindowTests
{
    [Fact]
    public void ObjectsComeFirstAndEachWindowOnce()
    {
        IReadOnlyList<TrainingWindow> windows = TrainingWindows.Of([Item(Cell(0)), Item(Cell(1), 3)], [Cell(1), Box(20, 0, 29, 4), Nowhere(0), Box(20, 0, 29, 4)]);
        Assert.Equal(
            [new TrainingWindow(Cell(0), 0, 1), new TrainingWindow(Cell(1), 1, 1), new TrainingWindow(Box(20, 0, 29, 4), 1, 0.5), new TrainingWindow(Nowhere(0), -1, 0)],
            windows);
    }
}
