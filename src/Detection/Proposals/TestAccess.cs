using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("IlgpuSpp.Detection.Tests")]
