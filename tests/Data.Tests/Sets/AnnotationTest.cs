using IlgpuSpp.Detection.Tests;

namespace IlgpuSpp.Data.Tests;

/// <summary>Tests of readers of annotations: a folder and the warnings of each.</summary>
public abstract class AnnotationTest : FolderTest
{
    private protected readonly WarningList _warnings = new();
}
