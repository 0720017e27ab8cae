using IlgpuSpp.Data;
using static IlgpuSpp.Detection.Tests.Truth;

namespace IlgpuSpp.Detection.Tests;

/// <summary>Which objects nothing found.</summary>
public sealed class MissedObjectsTests
{
    [Fact]
    public void ObjectsThatCountAndAreNotFound()
    {
        AnnotatedObject found = Item(Cell(0)), near = Item(Cell(1)), alone = Item(Cell(2)), difficult = Item(Cell(3), difficult: true), other = Item(Cell(4), label: 1);
        AnnotatedObject elsewhere = Item(Cell(0)), twin = Item(Cell(0));
        DetectionDataset truth = Truth.Of(["thing", "animal"], [found, near, alone, difficult, other], [elsewhere, twin]);
        // Of 100 pixels the second detection shares 40: too few. The third lies on an object of another class, the last on the first of two equal objects.
        DetectionScore score = DetectionScore.Of(truth, [Found(0.9, Cell(0)), Found(0.8, Box(20, 0, 29, 3)), Found(0.7, Cell(4)), Found(0.6, Cell(0), image: 1)]);

        IReadOnlyList<MissedObject> missed = MissedObjects.Of(truth.Images, score);

        Assert.Equal([0, 0, 0, 1], missed.Select(item => item.Image));
        Assert.All(missed.Zip([near, alone, other, twin]), pair => Assert.Same(pair.Second, pair.First.Object));
        Assert.Equal([0.4, 0, 0, 1], missed.Select(item => item.BestOverlap));
    }
}
